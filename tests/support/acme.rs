//! An authority that speaks ACME, with the DNS it asks: pebble and pebble-challtestsrv, which others wrote.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A directory to try orders at, a directory to order from, and the DNS of both; all end when this is dropped.
pub struct Authority {
    folder: tempfile::TempDir,
    running: Vec<Child>,
    management: u16,
    /// The name server, as `resolver` takes it.
    pub resolver: String,
    /// The directory that counts.
    pub directory: String,
    /// The directory where orders are tried.
    pub staging: String,
    /// The authority that both directories are served by, PEM.
    pub ca: String,
}

/// How many days its certificates are valid: as many as those of Let's Encrypt.
const DAYS: u32 = 90;

fn free(address: &str) -> u16 {
    let listener = TcpListener::bind((address, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

impl Authority {
    /// Starts both where a host reaches this machine at that address.
    pub fn start(gateway: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = r#"set -e
            openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 3
            openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=acme
            printf 'subjectAltName=IP:%s\n' "$1" > server.ext
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3 -extfile server.ext -out server.pem"#;
        let made = Command::new("sh")
            .args(["-c", script, "sh", gateway])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let (dns, management) = (free("127.0.0.1"), free("127.0.0.1"));
        let resolver = format!("127.0.0.1:{dns}");
        let mut authority = Self {
            ca: fs::read_to_string(folder.path().join("ca.pem")).unwrap(),
            folder,
            running: Vec::new(),
            management,
            resolver: resolver.clone(),
            directory: String::new(),
            staging: String::new(),
        };
        let management = format!("127.0.0.1:{management}");
        #[rustfmt::skip]
        authority.run("dns", Command::new("pebble-challtestsrv").args([
            "-dns01", &resolver, "-http01", "", "-https01", "", "-tlsalpn01", "", "-management", &management,
            "-defaultIPv4", "", "-defaultIPv6", "",
        ]));
        authority.directory = authority.pebble("directory", gateway);
        authority.staging = authority.pebble("staging", gateway);
        authority
    }

    fn pebble(&mut self, name: &str, gateway: &str) -> String {
        let listens = format!("{gateway}:{}", free(gateway));
        let config = serde_json::json!({ "pebble": {
            "listenAddress": listens,
            "managementListenAddress": format!("{gateway}:{}", free(gateway)),
            "certificate": "server.pem",
            "privateKey": "server.key",
            "httpPort": 80,
            "tlsPort": 443,
            "certificateValidityPeriod": DAYS * 24 * 60 * 60,
        }});
        let file = format!("{name}.json");
        fs::write(self.folder.path().join(&file), config.to_string()).unwrap();
        let resolver = self.resolver.clone();
        // Each order is proven anew, and no answer is made wrong on purpose: what fails in a test fails for its reason.
        let mut pebble = Command::new("pebble");
        pebble
            .args(["-config", &file, "-dnsserver", &resolver])
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_AUTHZREUSE", "0")
            .env("PEBBLE_WFE_NONCEREJECT", "0");
        self.run(name, &mut pebble);
        for _ in 0..100 {
            if self.log(name).contains("ACME directory available") {
                return format!("https://{listens}/dir");
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("pebble did not start: {}", self.log(name));
    }

    fn run(&mut self, name: &str, command: &mut Command) {
        let log = fs::File::create(self.file(name)).unwrap();
        let child = command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}; tests/run installs pebble"));
        self.running.push(child);
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.log"))
    }

    fn log(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// How many orders were made so far: where they are tried, and where they count.
    pub fn orders(&self) -> [usize; 2] {
        ["staging", "directory"].map(|name| self.log(name).matches("POST /order-plz").count())
    }

    /// Tells the DNS something: `add-a`, `clear-a`, `add-caa`, `clear-caa`, with its JSON.
    pub fn dns(&self, verb: &str, json: &str) {
        let url = format!("http://127.0.0.1:{}/{verb}", self.management);
        let told = Command::new("curl")
            .args([
                "-sSf",
                "--retry",
                "20",
                "--retry-connrefused",
                "-d",
                json,
                &url,
            ])
            .output()
            .unwrap();
        assert!(told.status.success(), "{told:?}");
    }

    /// Has a name lead to this address alone.
    pub fn leads(&self, name: &str, address: &str) {
        self.dns("clear-a", &format!("{{\"host\":\"{name}\"}}"));
        self.dns(
            "add-a",
            &format!("{{\"host\":\"{name}\",\"addresses\":[\"{address}\"]}}"),
        );
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        for child in &mut self.running {
            child.kill().ok();
            child.wait().ok();
        }
    }
}
