//! A project folder of a test's own, and the program run in it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::Credentials;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::{
    http,
    lab::{TestHost, emulator},
};

/// What `docker login` would have stored for the user `robot` with the password `docker-pass`.
pub const DOCKER: &str =
    r#"{ "auths": { "https://index.docker.io/v1/": { "auth": "cm9ib3Q6ZG9ja2VyLXBhc3M=" } } }"#;

/// A folder with environments, and an account of the emulator's that no other test uses.
pub struct Project {
    folder: TempDir,
    scratch: TempDir,
    pub account: String,
    pub endpoint: String,
}

impl Project {
    /// An empty project. The account's twelve digits are the test's own, in all its projects.
    pub async fn new(account: &str) -> Self {
        static OWNERS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
        let test = thread::current().name().unwrap_or_default().to_owned();
        let owner = {
            let mut owners = OWNERS.lock().unwrap();
            owners
                .entry(account.to_owned())
                .or_insert(test.clone())
                .clone()
        };
        assert_eq!(owner, test, "the account {account} has another owner");
        let project = Self {
            folder: tempfile::tempdir().unwrap(),
            scratch: tempfile::tempdir().unwrap(),
            account: account.to_owned(),
            endpoint: emulator().await,
        };
        fs::create_dir(project.root().join("environments")).unwrap();
        project
    }

    /// One with an environment `test` of two roles, a bucket with two objects, and what is added.
    pub async fn small(account: &str, added: &str) -> Self {
        let project = Self::new(account).await;
        project.write("docker.json", DOCKER);
        project.write("settings.py", "DEBUG = False\n");
        project.declare(added);
        project
    }

    /// Writes the environment `test` of [`Project::small`] anew, with something else added.
    pub fn declare(&self, added: &str) {
        let small = SMALL.replace("ACCOUNT", &self.account);
        self.write("environments/test.toml", &format!("{small}{added}"));
    }

    /// A host of this name with the playbook `app`, and its target, as the environment has them.
    pub fn host(&self, name: &str, host: &TestHost) -> String {
        self.login(host, &HOST.replace("NAME", name))
    }

    /// The text with the host's login in it; its keys are trusted from now on.
    pub fn login(&self, host: &TestHost, text: &str) -> String {
        self.trust(&fs::read_to_string(&host.known_hosts).unwrap());
        let identity = host.folder.path().join("id").display().to_string();
        text.replace("ADDRESS", &host.login.address)
            .replace("IDENTITY", &identity)
    }

    /// Trusts these host keys as well.
    pub fn trust(&self, keys: &str) {
        let known = self.root().join("environments/known_hosts");
        let known = fs::read_to_string(known).unwrap_or_default();
        self.write("environments/known_hosts", &(known + keys));
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn bucket(&self) -> String {
        format!("review-secrets-{}", self.account)
    }

    /// A file beside the project.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).unwrap()
    }

    /// The program in this folder, with this account's credentials and nothing else of the machine's.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_landfall"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command
            .args(args)
            .current_dir(self.root())
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&mut self.command(args))
    }

    /// Starts it and lets it run.
    pub fn start(&self, args: &[&str]) -> Running {
        Running::of(&mut self.command(args))
    }

    /// Every file with its digest.
    pub fn listing(&self) -> Vec<String> {
        listing(self.root())
    }

    /// What the AWS SDK needs to look at the account, or to disturb it.
    pub async fn sdk(&self) -> SdkConfig {
        sdk(&self.account, &self.endpoint).await
    }

    pub async fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.sdk().await)
            .force_path_style(true)
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    pub async fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.sdk().await)
    }

    /// The names of the account's roles.
    pub async fn roles(&self) -> Vec<String> {
        let listed = self.iam().await.list_roles().send().await.unwrap();
        let mut names: Vec<String> = listed
            .roles()
            .iter()
            .map(|role| role.role_name().to_owned())
            .collect();
        names.sort();
        names
    }

    /// The keys of the secrets bucket's objects.
    pub async fn objects(&self) -> Vec<String> {
        let listed = self.s3().await.list_objects_v2().bucket(self.bucket());
        let listed = listed.send().await.unwrap();
        listed
            .contents()
            .iter()
            .filter_map(|object| object.key().map(str::to_owned))
            .collect()
    }
}

async fn sdk(account: &str, endpoint: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-west-2"))
        .credentials_provider(Credentials::new(account, "test", None, None, "test"))
        .endpoint_url(endpoint)
        .http_client(http::client())
        .load()
        .await
}

/// Every file below a folder with its digest.
pub fn listing(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.push(path.display().to_string());
            found.extend(listing(&path));
        } else {
            let digest = hex::encode(Sha256::digest(fs::read(&path).unwrap()));
            found.push(format!("{} {digest}", path.display()));
        }
    }
    found.sort();
    found
}

/// How a command ended and what it printed.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// It must have ended with this code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "\n--- out\n{}--- err\n{}",
            self.out,
            self.err
        );
        self
    }

    /// It must have said this on standard error.
    #[track_caller]
    pub fn says(self, what: &str) -> Self {
        assert!(
            self.err.contains(what),
            "not said: {what}\n--- out\n{}--- err\n{}",
            self.out,
            self.err
        );
        self
    }

    /// It must have said each of these on standard error.
    #[track_caller]
    pub fn says_each(self, all: &[&str]) -> Self {
        all.iter().fold(self, |ran, what| ran.says(what))
    }

    /// It must have printed this on standard output.
    #[track_caller]
    pub fn prints(self, what: &str) -> Self {
        assert!(
            self.out.contains(what),
            "not printed: {what}\n--- out\n{}--- err\n{}",
            self.out,
            self.err
        );
        self
    }

    /// Standard output as objects, one a line.
    #[track_caller]
    pub fn objects(&self) -> Vec<serde_json::Value> {
        let parse = |line: &str| {
            let value: serde_json::Value = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("no JSON ({error}): {line}"));
            assert!(value.is_object(), "no object: {line}");
            value
        };
        self.out.lines().map(parse).collect()
    }
}

/// A command under way. It is killed when this is dropped.
pub struct Running {
    child: Child,
    folder: TempDir,
}

impl Running {
    pub fn of(command: &mut Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| File::create(folder.path().join(name)).unwrap();
        let child = command.stdout(file("out")).stderr(file("err")).spawn();
        Self {
            child: child.unwrap(),
            folder,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        kill(Pid::from_raw(pid), signal).unwrap();
    }

    /// What it said so far on standard error.
    pub fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("err")).unwrap()
    }

    /// Waits until it has said this.
    pub fn wait_for(&mut self, what: &str) {
        while !self.said().contains(what) {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() || self.said().contains(what),
                "it ended with {ended:?} without saying {what}:\n{}",
                self.said()
            );
            thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// Whether it has not ended.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ran {
        let status = self.child.wait().unwrap();
        Ran {
            code: status.code(),
            out: fs::read_to_string(self.folder.path().join("out")).unwrap(),
            err: self.said(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const HOST: &str = r#"
[hosts.NAME]
address = "ADDRESS"
user = "root"
identity = "IDENTITY"
playbook = "app"

[targets.NAME]
host = "NAME"
"#;

const SMALL: &str = r#"project = "review"

[aws]
region = "us-west-2"
account = "ACCOUNT"

[roles.worker]
name = "review-worker"
service = "ec2.amazonaws.com"
policies = ["service-role/AmazonEC2ContainerServiceforEC2Role"]
instance_profile = true
reads = ["ecs.config", "settings.py"]

[secrets]
bucket = "review-secrets-ACCOUNT"

[secrets.objects."ecs.config"]
registry = "https://index.docker.io/v1/"
docker_config = "docker.json"

[secrets.objects."settings.py"]
file = "settings.py"
"#;

/// A stack of one log group.
pub const LOG: &str = "\
Resources:
  Log:
    Type: AWS::Logs::LogGroup
    Properties: { RetentionInDays: 7 }
Outputs:
  Name: { Value: !Ref Log }
";
