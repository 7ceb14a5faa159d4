//! How AWS is connected to: the environment's own authorities, and answers that are no answers.
//!
//! The environment of a running program cannot be changed, so the test runs itself once more with another one.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use landfall::connect::aws::{Aws, Settings};

/// Answers every request as STS answers who one is, over TLS with the key and certificate it is given.
const SERVER: &str = r#"
import http.server, ssl, sys
class Sts(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/tls</Arn><UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Sts)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

/// A server that ends with the test.
struct Server(Child, u16);

impl Server {
    fn start(certificate: &Path, key: &Path) -> Self {
        let mut child = Command::new("python3")
            .args(["-c", SERVER])
            .args([certificate, key])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap();
        Self(child, port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Not a test of its own: what the test below runs with another environment.
#[tokio::test]
async fn inner_connect() {
    let Ok(endpoint) = std::env::var("LANDFALL_TEST_CONNECT_TO") else {
        return;
    };
    let settings = Settings {
        region: "eu-west-1".to_owned(),
        endpoint: Some(endpoint).filter(|endpoint| !endpoint.is_empty()),
        credentials: std::env::var("LANDFALL_TEST_KEY")
            .ok()
            .map(|key| (key, "test".to_owned())),
        ..Settings::default()
    };
    match Aws::connect(settings).await {
        Ok(_) => eprintln!("connected"),
        Err(failure) => eprintln!("{failure}"),
    }
}

fn connect(variables: &[(&str, &str)]) -> String {
    let home = tempfile::tempdir().unwrap();
    let Output { stderr, .. } = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "aws_connect::inner_connect", "--nocapture"])
        .env_clear()
        .env("HOME", home.path())
        // Nobody but a machine of AWS's own has credentials to give there.
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    String::from_utf8(stderr).unwrap()
}

#[test]
fn an_authority_of_ones_own_is_trusted_only_where_the_environment_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args(["-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"])
        .args([
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let server = Server::start(&certificate, &key);
    let endpoint = format!("https://127.0.0.1:{}", server.1);

    let bundle = certificate.to_str().unwrap();
    let trusted = connect(&[
        ("LANDFALL_TEST_KEY", "AKIATEST"),
        ("LANDFALL_TEST_CONNECT_TO", &endpoint),
        ("AWS_CA_BUNDLE", bundle),
    ]);
    assert!(trusted.contains("connected"), "{trusted}");
    // The endpoint may be the environment's as well.
    let variables = [
        ("LANDFALL_TEST_KEY", "AKIATEST"),
        ("LANDFALL_TEST_CONNECT_TO", ""),
        ("AWS_ENDPOINT_URL", &endpoint),
        ("AWS_CA_BUNDLE", bundle),
    ];
    let trusted = connect(&variables);
    assert!(trusted.contains("connected"), "{trusted}");

    let foreign = connect(&[
        ("LANDFALL_TEST_KEY", "AKIATEST"),
        ("LANDFALL_TEST_CONNECT_TO", &endpoint),
    ]);
    assert!(foreign.contains("AWS could not be reached"), "{foreign}");

    for (bundle, why) in [
        (key.to_str().unwrap(), "It holds no PEM certificate."),
        ("/nonexistent/bundle.pem", "No such file or directory"),
    ] {
        let refused = connect(&[
            ("LANDFALL_TEST_KEY", "AKIATEST"),
            ("LANDFALL_TEST_CONNECT_TO", &endpoint),
            ("AWS_CA_BUNDLE", bundle),
        ]);
        assert!(
            refused.contains("the bundle of certificate authorities cannot be used"),
            "{refused}"
        );
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn without_credentials_one_is_told_how_to_get_some() {
    let told = connect(&[("LANDFALL_TEST_CONNECT_TO", "http://127.0.0.1:9")]);
    assert!(told.contains("AWS could not be reached"), "{told}");
    assert!(told.contains("help: Set AWS_PROFILE"), "{told}");
}

#[test]
fn a_profile_that_is_not_there_is_told_as_missing_credentials() {
    let variables = [
        ("LANDFALL_TEST_CONNECT_TO", "http://127.0.0.1:9"),
        ("AWS_PROFILE", "nowhere"),
    ];
    let told = connect(&variables);
    assert!(told.contains("help: Set AWS_PROFILE"), "{told}");
}
