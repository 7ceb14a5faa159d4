//! MiniStack, an AWS emulator, in a private virtual environment.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

use super::{Say, cache, program};
use crate::{connect::leftovers, model::Failure};

/// The release that was tried; its behaviour is what the tests rest on.
const RELEASE: &str = "ministack==1.5.33";
/// A cold start was measured at one second; a loaded machine may need many times that.
const START: Duration = Duration::from_secs(60);
/// Ends the emulator when our end of its standard input closes, however we ended.
const KEEPER: &str = r#"exec 3<&0; "$0" </dev/null & child=$!; trap 'kill "$child" 2>/dev/null' TERM INT; (read -r _ <&3; kill "$child" 2>/dev/null) & wait "$child""#;

/// A running emulator. It ends when this is dropped, or when the program does.
#[derive(Debug)]
pub struct Emulator {
    endpoint: String,
    child: Child,
    _log: tempfile::TempDir,
}

impl Emulator {
    /// Starts one on a free port of the loopback address, making its virtual environment first if need be.
    ///
    /// Fails when Python cannot make a virtual environment, the package cannot be had, or nothing answers.
    pub async fn start(say: Say<'_>) -> Result<Self, Failure> {
        let program = Self::program(say).await?;
        let port = free_port()?;
        let log = leftovers::folder(&std::env::temp_dir())
            .map_err(|error| broken("making a folder for its log", error))?;
        let file = std::fs::File::create(log.path().join("log"))
            .map_err(|error| broken("making its log", error))?;
        let errors = file
            .try_clone()
            .map_err(|error| broken("making its log", error))?;
        let child = Command::new("/bin/sh")
            .args(["-c", KEEPER])
            .arg(&program)
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("LOG_LEVEL", "WARNING")
            // It knows some thirty of AWS's own policies; this lets it take the others as well.
            .env("MINISTACK_AUTOCREATE_AWS_MANAGED", "1")
            // It serves requests; nothing of the operator's own account is its business.
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .env_remove("AWS_SESSION_TOKEN")
            .env_remove("AWS_ENDPOINT_URL")
            .stdin(Stdio::piped())
            .stdout(file)
            .stderr(errors)
            // Ctrl-C is ours to handle: the emulator must live until everything was taken away.
            .process_group(0)
            .kill_on_drop(false)
            .spawn()
            .map_err(|error| broken("starting it", error))?;
        let mut emulator = Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            child,
            _log: log,
        };
        emulator.wait(port).await?;
        Ok(emulator)
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Ends it and waits for its end.
    pub async fn stop(mut self) {
        drop(self.child.stdin.take());
        // The keeper ends it within a moment; a hung one is left to the operating system rather than to us.
        let _ = timeout(Duration::from_secs(10), self.child.wait()).await;
    }

    /// The emulator's program in its virtual environment, installed if need be.
    async fn program(say: Say<'_>) -> Result<PathBuf, Failure> {
        let folder = cache()?.join(RELEASE.replace("==", "-"));
        let program = folder.join("bin/ministack");
        if program.is_file() {
            return Ok(program);
        }
        say(&format!("Installing {RELEASE} into {}", folder.display()));
        // Beside its place and then renamed, so that an interrupted installation is never taken for a whole one.
        // Programs in a virtual environment name its folder, so it is made under the final name while locked.
        let parent = folder.parent().unwrap_or(Path::new("/"));
        std::fs::create_dir_all(parent)
            .map_err(|error| broken("making the cache folder", error))?;
        let lock = std::fs::File::create(parent.join("emulator.lock"))
            .map_err(|error| broken("locking the cache", error))?;
        let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock))
            .await
            .map_err(|error| broken("locking the cache", error))?
            .map_err(|error| broken("locking the cache", error))?;
        if !program.is_file() {
            let _ = std::fs::remove_dir_all(&folder);
            let what = "making a virtual environment for the emulator";
            program::run(
                what,
                "python3",
                ["-m".as_ref(), "venv".as_ref(), folder.as_os_str()],
                b"",
            )
            .await
            .map_err(|failure| {
                failure.help("With `--install` the rehearsal installs python3-venv.")
            })?;
            let pip = folder.join("bin/pip").display().to_string();
            let installed = program::run(
                "installing the emulator",
                &pip,
                ["install", "--quiet", RELEASE],
                b"",
            )
            .await;
            if let Err(failure) = installed {
                let _ = std::fs::remove_dir_all(&folder);
                return Err(failure.help(
                    "It needs the Python package index, or a mirror of it that pip is set to.",
                ));
            }
        }
        drop(lock);
        Ok(program)
    }

    async fn wait(&mut self, port: u16) -> Result<(), Failure> {
        let begun = Instant::now();
        while begun.elapsed() < START {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(Failure::new(
                    "the emulator ended at once",
                    "starting the AWS emulator",
                )
                .why(format!("It ended with {status}:\n{}", self.log())));
            }
            if answers(port).await {
                return Ok(());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Err(
            Failure::new("the emulator does not answer", "starting the AWS emulator")
                .why(self.log()),
        )
    }

    fn log(&self) -> String {
        let text = std::fs::read_to_string(self._log.path().join("log")).unwrap_or_default();
        program::last_lines(&text, 15)
    }
}

fn broken(doing: &str, error: impl std::fmt::Display) -> Failure {
    Failure::new("the emulator could not be started", doing).why(error)
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16, Failure> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| broken("looking for a free port", error))
}

/// Whether the health page is there.
async fn answers(port: u16) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream
            .write_all(b"GET /_ministack/health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            .await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    match timeout(Duration::from_secs(2), ask).await {
        Ok(Ok(answer)) => answer.starts_with(b"HTTP/1.") && answer.get(9..12) == Some(b"200"),
        _ => false,
    }
}
