//! A host as CI meets it: one command a session, with no shell of ours on the other side.
//!
//! A key with a forced command opens nothing else, and what a deploy user may do shows only in what sshd runs for it.

use std::fmt::Display;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use openssh::{Child, ChildStderr, ChildStdin, ChildStdout, Session};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::exchange::quote::line;
use super::login::{connection::Connection, settings::Settings};
use crate::model::host::{Command, HostAnswer, HostQuery, Ran};
use crate::model::{Answer, Class, Content, Failure, Login, Probe, Query};

/// How long a question may take: a command of Docker's that asks a slow registry takes some seconds.
const ANSWER: Duration = Duration::from_secs(60);

/// How much of each stream is kept; the rest is read and dropped, because a command that cannot write does not end.
const KEPT: usize = 1 << 20;

/// A host, entered anew for each command. Clones share the connection.
#[derive(Debug, Clone)]
pub struct Exec {
    connection: Arc<Connection>,
}

impl Exec {
    /// Connects to the host that this environment calls `name`. Fails as [`super::Host::connect`].
    pub async fn connect(login: &Login, name: &str, settings: Settings) -> Result<Self, Failure> {
        let connection = Connection::open(login, name, settings).await?;
        Ok(Self {
            connection: Arc::new(connection),
        })
    }

    /// Runs the words of a command in a session of their own, as `ssh HOST WORDS…` does, for as long as it takes.
    ///
    /// A folder, variables, or a text for a shell cannot be handed over this way and are refused. Fails when the session
    /// cannot be opened or is cut; that the command fails is an answer.
    pub async fn run(&self, command: &Command) -> Result<Ran, Failure> {
        self.run_telling(command, &|_| {}).await
    }

    /// The same, each line told when it was printed.
    pub(super) async fn run_telling(
        &self,
        command: &Command,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<Ran, Failure> {
        let mut running = self.begin(command).await?;
        let Some((mut stdin, stdout, stderr)) = running.streams.take() else {
            return Err(Failure::bug("the streams of a command were taken twice"));
        };
        let given = command
            .stdin
            .as_ref()
            .map(Content::bytes)
            .unwrap_or_default();
        let fed = async move {
            // A command that reads none of it may close its end early.
            let _ = stdin.write_all(given).await;
            let _ = stdin.shutdown().await;
        };
        let ((), stdout, stderr) = futures::join!(fed, read(stdout, tell), read(stderr, tell));
        let lost = |error: std::io::Error| lost(&command.argv, &error);
        Ok(Ran {
            rc: running.end().await?,
            stdout: Content::public(stdout.map_err(lost)?),
            stderr: Content::public(stderr.map_err(lost)?),
        })
    }

    /// Begins the words of a command in a session of their own. Refuses what cannot be handed over this way.
    pub(super) async fn begin(&self, command: &Command) -> Result<Running, Failure> {
        let words = words(command)?;
        let text = line(words)?;
        let permit = self.connection.session_permit().await?;
        let spawned = self.connection.spawn(&text).await?;
        let mut child = spawned.map_err(|error| lost(words, &error))?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (
            child.stdin().take(),
            child.stdout().take(),
            child.stderr().take(),
        ) else {
            return Err(Failure::bug(
                "a remote command came without its three streams",
            ));
        };
        Ok(Running {
            words: words.to_vec(),
            child,
            streams: Some((stdin, stdout, stderr)),
            _permit: permit,
        })
    }

    /// Cancelled when the end was asked for.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.connection.settings.stop
    }
}

/// A command that runs, and the place that its session takes.
pub(super) struct Running {
    words: Vec<String>,
    child: Child<Arc<Session>>,
    /// What it reads and prints, until somebody takes it.
    pub(super) streams: Option<(ChildStdin, ChildStdout, ChildStderr)>,
    _permit: OwnedSemaphorePermit,
}

impl Running {
    /// Its exit code, once it has ended. Fails when the connection was cut before.
    pub(super) async fn end(self) -> Result<i32, Failure> {
        let ended = self.child.wait().await;
        ended.map(code).map_err(|error| lost(&self.words, &error))
    }
}

/// The failure of a command whose connection was cut.
fn lost(words: &[String], error: &dyn Display) -> Failure {
    Failure::new(
        "the connection was lost",
        format!("running `{}`", words.join(" ")),
    )
    .class(Class::Unreachable)
    .why(error.to_string())
}

#[async_trait]
impl Probe for Exec {
    /// Answers what a command gives, within a minute, and refuses every other question.
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        let Query::Host(HostQuery::Run(command)) = query else {
            return Err(Failure::bug(format!(
                "a host without our shell was asked {query:?}"
            )));
        };
        match tokio::time::timeout(ANSWER, self.run(command)).await {
            Ok(ran) => Ok(Answer::Host(HostAnswer::Ran(ran?))),
            Err(_) => Err(Failure::new(
                "the host does not answer",
                format!("running `{}`", command.argv.join(" ")),
            )
            .class(Class::Unreachable)
            .why(format!(
                "It did not end within {} seconds.",
                ANSWER.as_secs()
            ))),
        }
    }
}

/// The command's words, where there is nothing beside them that needs a shell of ours.
fn words(command: &Command) -> Result<&[String], Failure> {
    let plain = command.script.is_none()
        && command.shell.is_none()
        && command.chdir.is_none()
        && command.environment.is_empty();
    if plain && !command.argv.is_empty() {
        return Ok(&command.argv);
    }
    Err(Failure::bug(format!(
        "a host without our shell was asked to run {command:?}"
    )))
}

/// What a stream gives until its end, as much as is kept of it; each line of that is told once it is whole.
async fn read(
    mut stream: impl AsyncRead + Unpin,
    tell: &(dyn Fn(&str) + Sync),
) -> std::io::Result<Vec<u8>> {
    let (mut kept, mut told) = (Vec::new(), 0);
    let mut piece = vec![0; 8 << 10];
    loop {
        let count = stream.read(&mut piece).await?;
        let room = KEPT - kept.len();
        kept.extend_from_slice(&piece[..count.min(room)]);
        while let Some(end) = kept[told..].iter().position(|byte| *byte == b'\n') {
            tell(&String::from_utf8_lossy(&kept[told..told + end]));
            told += end + 1;
        }
        if count == 0 {
            break;
        }
    }
    if told < kept.len() {
        tell(&String::from_utf8_lossy(&kept[told..]));
    }
    Ok(kept)
}

/// The exit code; 128 + n for signal n, as a shell has it. A command whose end sshd does not tell was ended.
fn code(ended: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    let signal = ended.signal().map(|signal| 128 + signal);
    ended.code().or(signal).unwrap_or(255)
}
