//! A project folder with one environment, and the program run in it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use super::lab::TestHost;

/// A project whose environment `review` has the host `web` and a target on it.
pub struct Project {
    folder: tempfile::TempDir,
}

/// How a run ended and all that it said.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub said: String,
}

impl Ended {
    /// All that it said, when it ended with this code.
    pub fn with(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}", self.said);
        self.said
    }
}

impl Project {
    /// An environment for this host; `more` are lines of its section, `vars` those of its variables.
    pub fn new(host: &TestHost, playbook: &str, more: &str, vars: &str) -> Self {
        let project = Self::empty(host);
        project.environment(host, playbook, more, vars);
        project
    }

    /// A folder that knows the host's keys and has no environment yet.
    pub fn empty(host: &TestHost) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["environments", "playbooks", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::copy(
            &host.known_hosts,
            folder.path().join("environments/known_hosts"),
        )
        .unwrap();
        Self { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The lines of a host's section that say how this one is entered.
    pub fn login(host: &TestHost) -> String {
        let login = &host.login;
        format!(
            "address = \"{}\"\nport = {}\nuser = \"{}\"\nidentity = \"{}\"",
            login.address,
            login.port,
            login.user,
            login.identity.as_deref().unwrap(),
        )
    }

    /// Writes the environment anew.
    pub fn environment(&self, host: &TestHost, playbook: &str, more: &str, vars: &str) {
        let text = format!(
            "project = \"review\"\n[hosts.web]\n{}\nplaybook = \"{playbook}\"\n{more}\n[hosts.web.vars]\n{vars}\n\
             [targets.web]\nhost = \"web\"\n",
            Self::login(host),
        );
        self.write("environments/review.toml", &text);
    }

    /// Writes a file that only its owner may read.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// The program, to be run with these words. What it keeps for a while, it keeps in the project's folder.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_landfall"));
        command
            .args(words)
            .current_dir(self.folder.path())
            .env("TMPDIR", self.folder.path().join("tmp"))
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn landfall(&self, words: &[&str]) -> Ended {
        let output = self.command(words).output().unwrap();
        Ended {
            code: output.status.code(),
            said: String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr),
        }
    }

    /// Kills a run as nothing could stop it, and its connection with it: what it left running goes on alone.
    pub fn kill(&self, mut run: std::process::Child) {
        run.kill().unwrap();
        run.wait().unwrap();
        for socket in self.sockets() {
            let ended = Command::new("ssh")
                .args(["-F", "none", "-S"])
                .arg(&socket)
                .args(["-O", "exit", "web"])
                .output()
                .unwrap();
            assert!(ended.status.success(), "{ended:?}");
        }
    }

    /// The sockets of connections that are open.
    fn sockets(&self) -> Vec<std::path::PathBuf> {
        let found = Command::new("find")
            .arg(self.folder.path().join("tmp"))
            .args(["-type", "s"])
            .output()
            .unwrap();
        String::from_utf8(found.stdout)
            .unwrap()
            .lines()
            .map(Into::into)
            .collect()
    }
}
