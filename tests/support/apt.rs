//! A small signed repository of packages that this test made itself, served over HTTP where throwaway hosts reach it.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use sha2::{Digest, Sha256};

use super::lab::TestHost;

/// A repository that is served until the tests end.
pub struct Repository {
    folder: tempfile::TempDir,
    packages: String,
    /// Where it is served; distributions are folders below.
    pub url: String,
    /// The primary fingerprint of the key that signs it.
    pub fingerprint: String,
}

/// A package that stands in for a real one.
#[derive(Default)]
pub struct StandIn<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub depends: &'a str,
    /// Path, mode, text.
    pub files: &'a [(&'a str, u32, String)],
    pub postinst: Option<&'a str>,
}

impl Repository {
    /// An empty repository with a new key, served where this host reaches it.
    pub fn new(host: &TestHost) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("www/debian/pool")).unwrap();
        fs::create_dir(folder.path().join("keys")).unwrap();
        let listener = TcpListener::bind((gateway(host).as_str(), 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        serve(listener, folder.path().join("www").into());
        let mut repository = Self {
            folder,
            packages: String::new(),
            url,
            fingerprint: String::new(),
        };
        repository.gpg(
            &[
                "--passphrase",
                "",
                "--quick-generate-key",
                "Stand-in <stand-in@example.org>",
                "ed25519",
                "sign",
                "never",
            ],
            b"",
        );
        let keys = repository.gpg(&["--with-colons", "--list-keys"], b"");
        repository.fingerprint = String::from_utf8(keys)
            .unwrap()
            .lines()
            .find_map(|line| line.strip_prefix("fpr:"))
            .map(|line| line.trim_matches(':').to_owned())
            .unwrap();
        let key = repository.gpg(&["--armor", "--export"], b"");
        fs::write(repository.path("gpg"), key).unwrap();
        repository
    }

    /// Builds a package and adds it.
    pub fn add(&mut self, package: &StandIn<'_>) {
        let tree = self.folder.path().join("tree");
        fs::create_dir_all(tree.join("DEBIAN")).unwrap();
        let mut control = format!(
            "Package: {}\nVersion: {}\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\n\
             Description: a stand-in\n",
            package.name, package.version
        );
        if !package.depends.is_empty() {
            control += &format!("Depends: {}\n", package.depends);
        }
        write(&tree.join("DEBIAN/control"), 0o644, &control);
        if let Some(script) = package.postinst {
            let script = format!("#!/bin/sh\nset -e\n{script}\n");
            write(&tree.join("DEBIAN/postinst"), 0o755, &script);
        }
        for (path, mode, text) in package.files {
            write(&tree.join(path.trim_start_matches('/')), *mode, text);
        }
        let file = format!(
            "pool/{}_{}.deb",
            package.name,
            package.version.replace(':', "-")
        );
        let built = Command::new("dpkg-deb")
            .args(["--root-owner-group", "-Znone", "--build"])
            .arg(&tree)
            .arg(self.path(&file))
            .output()
            .unwrap();
        assert!(built.status.success(), "{built:?}");
        fs::remove_dir_all(&tree).unwrap();
        let bytes = fs::read(self.path(&file)).unwrap();
        self.packages += &format!(
            "{control}Filename: {file}\nSize: {}\nSHA256: {}\n\n",
            bytes.len(),
            hex::encode(Sha256::digest(&bytes))
        );
    }

    /// Publishes what was added, signed, as this suite and component.
    pub fn publish(&self, suite: &str, component: &str) {
        let mut release = format!(
            "Origin: Stand-ins\nSuite: {suite}\nCodename: {suite}\nComponents: {component}\n\
             Architectures: amd64 arm64\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n"
        );
        for architecture in ["amd64", "arm64"] {
            let file = format!("{component}/binary-{architecture}/Packages");
            write(
                &self.path(&format!("dists/{suite}/{file}")),
                0o644,
                &self.packages,
            );
            release += &format!(
                " {} {} {file}\n",
                hex::encode(Sha256::digest(&self.packages)),
                self.packages.len()
            );
        }
        let signed = self.gpg(&["--clearsign", "--output", "-"], release.as_bytes());
        fs::write(self.path(&format!("dists/{suite}/InRelease")), signed).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("www/debian").join(name)
    }

    fn gpg(&self, words: &[&str], input: &[u8]) -> Vec<u8> {
        let home = self.folder.path().join("keys");
        let mut child = Command::new("gpg")
            .args(["--batch", "--quiet", "--no-permission-warning", "--homedir"])
            .arg(&home)
            .args(["--pinentry-mode", "loopback"])
            .args(words)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "gpg {words:?}");
        output.stdout
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let ended = Command::new("gpgconf")
            .arg("--homedir")
            .arg(self.folder.path().join("keys"))
            .args(["--kill", "all"])
            .status();
        assert!(ended.unwrap().success());
    }
}

fn write(path: &Path, mode: u32, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// This machine's address as a throwaway host sees it.
pub fn gateway(host: &TestHost) -> String {
    let format = "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}";
    let asked = Command::new("docker")
        .args(["inspect", "--format", format, &host.container])
        .output()
        .unwrap();
    String::from_utf8(asked.stdout).unwrap().trim().to_owned()
}

/// Answers each connection in a thread of its own, as long as the test binary runs.
fn serve(listener: TcpListener, root: Arc<Path>) {
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let root = root.clone();
            std::thread::spawn(move || drop(answer(connection, &root)));
        }
    });
}

/// Files of a folder, one after another over the same connection; nothing above the folder.
fn answer(connection: TcpStream, root: &Path) -> std::io::Result<()> {
    let mut asks = BufReader::new(connection.try_clone()?);
    let mut says = connection;
    loop {
        let mut line = String::new();
        if asks.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
        while line.trim() != "" {
            line.clear();
            asks.read_line(&mut line)?;
        }
        let path = path
            .trim_start_matches('/')
            .replace("%3a", ":")
            .replace("%7e", "~");
        let found = match path.contains("..") {
            true => None,
            false => fs::read(root.join(path)).ok(),
        };
        let (status, body) = match found {
            Some(body) => ("200 OK", body),
            None => ("404 Not Found", Vec::new()),
        };
        write!(
            says,
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )?;
        says.write_all(&body)?;
    }
}
