//! A command on a host whose three streams are passed on while it runs.

use std::io::{self, Read};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;

use super::exec::Exec;
use crate::model::host::Command;
use crate::model::host_action::HostAction;
use crate::model::{Action, Failure, Outcome, Progress, World};

/// How much is read of a stream at once.
const PIECE: usize = 64 << 10;

/// Where what a command prints goes, a piece at a time and in order.
pub trait Sink: Send {
    /// Takes a piece. Fails when it cannot be passed on.
    fn take(&mut self, piece: &[u8]) -> Result<(), Failure>;
}

impl<F: FnMut(&[u8]) -> Result<(), Failure> + Send> Sink for F {
    fn take(&mut self, piece: &[u8]) -> Result<(), Failure> {
        self(piece)
    }
}

/// What is handed to a command, read ahead by a few pieces.
pub struct Input(mpsc::Receiver<io::Result<Vec<u8>>>);

impl Input {
    /// What this gives. It is read by a thread of its own, which nobody waits for: a terminal may say nothing for ever.
    pub fn of(mut reader: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel(4);
        std::thread::spawn(move || {
            let mut piece = vec![0; PIECE];
            loop {
                let read = match reader.read(&mut piece) {
                    Ok(0) => break,
                    Ok(count) => Ok(piece[..count].to_vec()),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
                let last = read.is_err();
                if sender.blocking_send(read).is_err() || last {
                    break;
                }
            }
        });
        Self(receiver)
    }
}

impl Exec {
    /// Runs the words of a command and passes its streams on while it runs; gives its exit code.
    ///
    /// Fails when the connection is cut, when the end is asked for, and when what it prints cannot be passed on. The
    /// command may run on then, unless the end of its input ends it.
    pub async fn stream(
        &self,
        command: &Command,
        input: Input,
        mut out: impl Sink,
        mut err: impl Sink,
    ) -> Result<i32, Failure> {
        let uncertain = |failure: Failure| {
            failure.left_behind("The command may run on there, or have ended well or badly.")
        };
        let mut running = self.begin(command).await.map_err(uncertain)?;
        let Some((stdin, stdout, stderr)) = running.streams.take() else {
            return Err(Failure::bug("the streams of a command were taken twice"));
        };
        let printed = async { tokio::try_join!(pass(stdout, &mut out), pass(stderr, &mut err)) };
        let ended = async {
            // A command that has ended reads no input, and who hands it on may wait for more for ever.
            tokio::select! {
                printed = printed => printed.map(drop),
                Err(failure) = feed(input, stdin) => Err(failure),
            }
        };
        tokio::select! {
            ended = ended => ended?,
            () = self.stop().cancelled() => {
                return Err(Failure::interrupted(format!("running `{}`", command.argv.join(" ")))
                    .left_behind("The command's input has ended; it may run on there."));
            }
        }
        running.end().await.map_err(uncertain)
    }
}

#[async_trait]
impl World for Exec {
    /// Runs a command, for as long as it takes, and tells the lines that it prints. Refuses any other action.
    async fn act(&self, action: &Action, progress: &Progress) -> Result<Outcome, Failure> {
        let Action::Host(HostAction::Run { command, judge }) = action else {
            return Err(Failure::bug(format!(
                "a host without our shell was told to do {action:?}"
            )));
        };
        let tell = |line: &str| progress.program_output(line);
        let ran = self.run_telling(command, &tell).await?;
        if *judge && !ran.ok() {
            let what = format!("running `{}`", command.argv.join(" "));
            return Err(Failure::new("the host could not do it", what).quoting(ran.err()));
        }
        Ok(Outcome::Ran(ran))
    }

    /// There is one user behind a key.
    fn as_user(&self, _user: &str) -> Arc<dyn World> {
        Arc::new(self.clone())
    }
}

/// Passes a stream on until it ends.
async fn pass(mut stream: impl AsyncRead + Unpin, sink: &mut impl Sink) -> Result<(), Failure> {
    let mut piece = vec![0; PIECE];
    loop {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return Ok(()),
            Ok(count) => sink.take(&piece[..count])?,
        }
    }
}

/// Hands the input on and closes it at its end. It then waits: the command's own end is what counts.
async fn feed(mut input: Input, mut stdin: impl AsyncWrite + Unpin) -> Result<(), Failure> {
    while let Some(piece) = input.0.recv().await {
        let piece = piece.map_err(|error| {
            Failure::new("the input cannot be read", "Standard input is handed on.").why(error)
        })?;
        // A command that reads none of it may close its end early.
        if stdin.write_all(&piece).await.is_err() {
            break;
        }
    }
    let _ = stdin.shutdown().await;
    drop(stdin);
    std::future::pending().await
}
