//! Whose account it is, and where a team's memory lies.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::project::{LOG, Project, Ran};

fn environment(more: &str) -> String {
    format!("project = \"review\"\n[aws]\nregion = \"us-west-2\"\n{more}")
}

async fn stacks(project: &Project) -> Vec<String> {
    let client = aws_sdk_cloudformation::Client::new(&project.sdk().await);
    let seen = client.describe_stacks().send().await.unwrap();
    let stacks = seen.stacks.unwrap_or_default();
    let names = stacks.into_iter().filter_map(|stack| stack.stack_name);
    names.collect()
}

#[tokio::test]
async fn the_declared_profile_wins_over_keys_and_sessions_of_the_environment() {
    let ours = Project::new("600000000912").await;
    let theirs = Project::new("600000000913").await;
    ours.write("stacks/log.yaml", LOG);
    ours.write(
        "environments/test.toml",
        &environment("profile = \"team\"\n[stacks.log]\ntemplate = \"log\"\n"),
    );
    let profiles = ours.beside("credentials");
    let keys = format!(
        "[team]\naws_access_key_id = {}\naws_secret_access_key = test\n\
         [other]\naws_access_key_id = {}\naws_secret_access_key = test\n",
        ours.account, theirs.account
    );
    std::fs::write(&profiles, keys).unwrap();
    let applied = Ran::of(
        ours.command(&["apply", "test", "--yes"])
            .env("AWS_SHARED_CREDENTIALS_FILE", &profiles)
            .env("AWS_ACCESS_KEY_ID", &theirs.account)
            .env("AWS_SESSION_TOKEN", "left over")
            .env("AWS_PROFILE", "other")
            .env("AWS_REGION", "eu-central-1"),
    );
    applied.ends(0);
    assert_eq!(stacks(&ours).await, ["review-test-log"]);
    assert_eq!(stacks(&theirs).await, Vec::<String>::new());
}

/// Answers STS, and S3 of one bucket in Frankfurt, where requests are signed for another region as S3 answers them.
const FRANKFURT: &str = r#"
import http.server
class Aws(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("x-amz-bucket-region", "eu-central-1")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.answer(200, b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
    def do_GET(self):
        if "/eu-central-1/s3/" not in self.headers.get("authorization", ""):
            self.answer(301, b"<Error><Code>PermanentRedirect</Code><Message>The bucket you are attempting to access must be addressed using the specified endpoint.</Message></Error>")
        elif "list-type=2" in self.path:
            self.answer(200, b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
        elif self.path.strip("/") == "team":
            self.answer(200)
        else:
            self.answer(404, b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>")
    do_HEAD = do_GET
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Aws)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_backend_in_a_bucket_of_another_region_is_used_where_it_is() {
    let project = Project::new("600000000914").await;
    project.write(
        "environments/test.toml",
        &environment("[backend]\ns3 = \"team\"\n"),
    );
    let mut server = Command::new("python3")
        .args(["-c", FRANKFURT])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    let stdout = server.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut port).unwrap();
    let _server = Server(server);
    let endpoint = format!("http://127.0.0.1:{}", port.trim());
    let listed = Ran::of(
        project
            .command(&["targets", "list", "test"])
            .env("AWS_ENDPOINT_URL", endpoint),
    );
    let listed = listed.ends(0);
    assert!(!listed.err.contains("PermanentRedirect"), "{listed:?}");
}
