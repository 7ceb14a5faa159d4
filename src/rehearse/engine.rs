//! The container engine that throwaway hosts run in: Docker, by its own command.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

use super::{Say, label, program};
use crate::model::Failure;

/// An engine that answers.
#[derive(Debug)]
pub struct Engine {
    /// The daemon, when it was started here because no init system runs on this machine.
    daemon: Option<Child>,
}

impl Engine {
    /// The engine that the `docker` command reaches; where none answers and we may start one, it is started.
    ///
    /// Fails with the reason why there is none, which a rehearsal says while its AWS half goes on.
    pub async fn find(say: Say<'_>) -> Result<Self, Failure> {
        if !program::found("docker") {
            return Err(
                Failure::new("there is no container engine", "looking for Docker")
                    .why("There is no `docker` command on the path.")
                    .help("With `--install` the rehearsal installs it."),
            );
        }
        match answer().await {
            Ok(()) => Ok(Self { daemon: None }),
            Err(failure) if may_start() => {
                say("Starting the Docker daemon for this rehearsal");
                Self::start().await.map_err(|started| {
                    failure.left_behind(format!("Starting one failed too: {}", started.why))
                })
            }
            Err(failure) => Err(failure.help(
                "Start Docker (`systemctl start docker`), and be root or a member of the group `docker`.",
            )),
        }
    }

    /// The engine, if one answers; none is started.
    pub async fn running() -> Option<Self> {
        let answers = program::found("docker") && answer().await.is_ok();
        answers.then_some(Self { daemon: None })
    }

    async fn start() -> Result<Self, Failure> {
        let starting = |why: String| {
            Failure::new("the Docker daemon did not start", "starting dockerd").why(why)
        };
        let log = super::cache()?.join("dockerd.log");
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder).map_err(|error| starting(error.to_string()))?;
        }
        let file = std::fs::File::create(&log).map_err(|error| starting(error.to_string()))?;
        let errors = file
            .try_clone()
            .map_err(|error| starting(error.to_string()))?;
        let daemon = Command::new("dockerd")
            .env("PATH", program::path())
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(|error| starting(error.to_string()))?;
        let mut engine = Self {
            daemon: Some(daemon),
        };
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            if answer().await.is_ok() {
                return Ok(engine);
            }
            if let Some(Ok(Some(status))) = engine.daemon.as_mut().map(Child::try_wait) {
                let text = std::fs::read_to_string(&log).unwrap_or_default();
                return Err(starting(format!(
                    "dockerd ended with {status}:\n{}",
                    program::last_lines(&text, 10)
                )));
            }
            sleep(Duration::from_millis(200)).await;
        }
        engine.stop().await;
        Err(starting(format!(
            "It does not answer; its log is {}.",
            log.display()
        )))
    }

    /// Ends the daemon if it was started here and no other rehearsal's hosts run in it by now.
    pub async fn stop(self) {
        if self.daemon.is_some() && self.has_hosts().await {
            return;
        }
        if let Some(mut daemon) = self.daemon
            && let Some(pid) = daemon.id().and_then(|pid| i32::try_from(pid).ok())
        {
            // SIGTERM lets it end its containers; those of a rehearsal are gone by now.
            let _ = nix::sys::signal::kill(
                nix::unistd::Pid::from_raw(pid),
                nix::sys::signal::Signal::SIGTERM,
            );
            let _ = tokio::time::timeout(Duration::from_secs(30), daemon.wait()).await;
        }
    }

    /// Runs a `docker` command and gives what it prints.
    ///
    /// Fails with the end of its standard error.
    pub async fn docker(&self, what: &str, args: &[&str]) -> Result<String, Failure> {
        self.docker_with(what, args, b"").await
    }

    /// Runs a `docker` command with something on its standard input and gives what it prints.
    ///
    /// Fails with the end of its standard error.
    pub async fn docker_with(
        &self,
        what: &str,
        args: &[&str],
        stdin: &[u8],
    ) -> Result<String, Failure> {
        program::run(what, "docker", args, stdin).await
    }

    /// Every throwaway host of any rehearsal, a line each: `CONTAINER PROCESS`, the process being the one that made it.
    pub(super) async fn labelled(&self) -> Result<String, Failure> {
        let format = format!("{{{{.Names}}}} {{{{.Label \"{}\"}}}}", label::NAME);
        let filter = format!("label={}", label::NAME);
        let args = [
            "ps",
            "--all",
            "--filter",
            filter.as_str(),
            "--format",
            format.as_str(),
        ];
        self.docker("looking for hosts that were left", &args).await
    }

    /// Whether hosts of any rehearsal are there; where that cannot be known, yes.
    async fn has_hosts(&self) -> bool {
        self.labelled()
            .await
            .map_or(true, |listed| !listed.trim().is_empty())
    }
}

/// Asks the engine for its version.
async fn answer() -> Result<(), Failure> {
    program::run(
        "asking the Docker engine for its version",
        "docker",
        ["version", "--format", "{{.Server.Version}}"],
        b"",
    )
    .await
    .map(|_| ())
}

/// Whether starting a daemon ourselves is in order: root, the program is there, and no init system would do it.
fn may_start() -> bool {
    nix::unistd::geteuid().is_root()
        && program::found("dockerd")
        && !Path::new("/run/systemd/system").exists()
}
