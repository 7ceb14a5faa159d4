//! What stands where AWS gives credentials and says whose they are, over TLS.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

const CERTIFICATE: &str = "cert.pem";
const KEY: &str = "key.pem";
const ASKED: &str = "asked";

/// Answers STS (who one is; a role taken on, by keys or by a token), SSO and the endpoint of a container, with the certificate
/// and key it is given, and writes each question with the key that signed it into a file.
const SERVER: &str = r#"
import http.server, json, ssl, sys
KEYS = {"AccessKeyId": "AKIAGIVEN", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2099-01-01T00:00:00Z"}
XML = "".join(f"<{name}>{value}</{name}>" for name, value in KEYS.items())
SAID = "<Arn>arn:aws:iam::123456789012:user/tls</Arn><UserId>U</UserId><Account>123456789012</Account>"
ROLE = "<Credentials>" + XML + "</Credentials><AssumedRoleUser><AssumedRoleId>R:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>"
class Sts(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        action = asked.split("Action=")[1].split("&")[0]
        told = SAID if action == "GetCallerIdentity" else ROLE
        self.answer(action, f"<{action}Response><{action}Result>{told}</{action}Result></{action}Response>")
    def do_GET(self):
        if self.path.startswith("/federation/credentials"):
            keys = {"accessKeyId": "AKIAGIVEN", "secretAccessKey": "s", "sessionToken": "t", "expiration": 4070908800000}
            self.answer("GetRoleCredentials", json.dumps({"roleCredentials": keys}))
        else:
            keys = dict(KEYS)
            keys["Token"] = keys.pop("SessionToken")
            self.answer("Container", json.dumps(keys))
    def answer(self, asked, text):
        body = text.encode()
        key = self.headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
        with open(sys.argv[3], "a") as file:
            print(asked, key or "unsigned", file=file)
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

/// The server, which ends with the test, and what it is started with.
pub struct Sts {
    server: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Sts {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec"])
            .args(["-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"])
            .args(["-addext", "subjectAltName=IP:127.0.0.1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(file(KEY))
            .arg("-out")
            .arg(file(CERTIFICATE))
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let mut server = Command::new("python3")
            .args(["-c", SERVER])
            .args([CERTIFICATE, KEY, ASKED].map(file))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = server.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        Self {
            server,
            port: line.trim().parse().unwrap(),
            folder,
        }
    }

    pub fn endpoint(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// A file with the certificate that it shows.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join(CERTIFICATE)
    }

    /// A file with its private key, which is PEM and no certificate.
    pub fn key(&self) -> PathBuf {
        self.folder.path().join(KEY)
    }

    /// What it was asked since this was last called, each a line with the key that signed it.
    pub fn asked(&self) -> String {
        let file = self.folder.path().join(ASKED);
        let asked = fs::read_to_string(&file).unwrap_or_default();
        fs::write(&file, "").unwrap();
        asked
    }
}

impl Drop for Sts {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}
