//! One user's long-lived shell on a host.

use std::sync::{Arc, atomic::Ordering};

use openssh::{ChildStderr, ChildStdin, ChildStdout, Session};
use tokio::{io::AsyncWriteExt, sync::OwnedSemaphorePermit};
use zeroize::Zeroizing;

use super::{
    call::Call,
    frame::{self, Reader, Reply},
    liveness::{ARRIVAL, GivenUp, Liveness, Waiting, interrupted},
    nonce::nonce,
    streams::{Ended, Reading, ended_by, left_behind},
    unsound,
};
use crate::connect::ssh::{
    login::become_user::shell_command, login::connect_failure, login::connection::Connection,
    login::shell_failure, prelude::PRELUDE,
};
use crate::model::{Failure, Progress};

/// A shell that runs. Dropping it ends the shell when its work is done.
#[derive(Debug)]
pub struct Shell {
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
    /// What goes before the first request.
    opening: Option<String>,
    _child: Child,
    _permit: OwnedSemaphorePermit,
}

struct Child {
    _child: openssh::Child<Arc<Session>>,
}

impl std::fmt::Debug for Child {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Child")
    }
}

/// An exchange that did not come to its end.
#[derive(Debug)]
pub struct Broken {
    /// What was printed before the first answer began.
    pub said: String,
    /// Whether the answers had begun.
    pub begun: bool,
    /// Whether the shell was new, so that only its greeting could have been at work.
    pub fresh: bool,
}

impl Shell {
    /// Starts a shell as this user. Nothing is read from it yet, so nothing is waited for, unless sudo may ask for a
    /// password: it is given one answer, and once one was wrong, no shell of this run gives another.
    pub async fn start(connection: &Connection, user: &str) -> Result<Self, Failure> {
        connection.become_attempts.check(user)?;
        let permit = connection.session_permit().await?;
        let start = shell_command(&connection.login, user)?;
        let mut tried = match &start.asks {
            Some(_) => Some(connection.become_attempts.password.lock().await),
            None => None,
        };
        if let Some(refused) = tried.as_deref().and_then(Option::as_ref) {
            return Err(refused.clone());
        }
        // Another shell may have been refused while this one waited for its turn.
        connection.become_attempts.check(user)?;
        let mut shell = Self::open(connection, user, &start.command, permit).await?;
        if let (Some(asks), Some(held)) = (start.asks, &mut tried) {
            let streams = (&mut shell.stdin, &mut shell.stdout, &mut shell.stderr);
            if let Err(closed) = asks.answer(streams, connection, user).await {
                return Err(connection.become_attempts.tried(user, held, closed));
            }
        }
        Ok(shell)
    }

    async fn open(
        connection: &Connection,
        user: &str,
        command: &str,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, Failure> {
        let mut child = tokio::select! {
            child = spawn(connection, user, command) => child?,
            () = connection.settings.stop.cancelled() => {
                return Err(interrupted(format!("Starting a shell on {}.", connection.name)));
            }
            () = tokio::time::sleep(ARRIVAL) => return Err(shell_failure::silent("", user, &connection.login)),
        };
        let (Some(stdin), Some(stdout), Some(stderr)) = (
            child.stdin().take(),
            child.stdout().take(),
            child.stderr().take(),
        ) else {
            return Err(Failure::bug(
                "a remote shell came without its three streams",
            ));
        };
        Ok(Self {
            stdin,
            stdout,
            stderr,
            opening: Some([&format!("landfall {}\n", PRELUDE.len()), PRELUDE].concat()),
            _child: Child { _child: child },
            _permit: permit,
        })
    }

    /// Whether nothing was asked yet.
    pub fn is_new(&self) -> bool {
        self.opening.is_some()
    }

    /// Sends the calls as one request and reads their answers: one round trip. What a program says meanwhile is told.
    ///
    /// An action reads past answers that are too long, because ending the command would be worse. Fails when the host
    /// gives no sign of life for too long, when it prints without end, and when the end is asked for of what may be ended.
    pub async fn exchange(
        &mut self,
        connection: &Connection,
        calls: &[Call],
        waiting: Waiting,
        progress: Option<&Progress>,
    ) -> Result<Result<Vec<Reply>, Broken>, Failure> {
        let nonce = nonce()?;
        let request = Zeroizing::new(frame::request(&nonce, calls)?);
        let opening = self.opening.take();
        connection
            .settings
            .round_trips
            .fetch_add(1, Ordering::Relaxed);
        let liveness = Liveness::new(opening.is_none(), calls, connection.settings.answer_timeout);
        let reading = Reading {
            liveness: &liveness,
            waiting,
            progress,
        };
        let mut out = Reader::new(&nonce, calls.len());
        let mut err = Reader::new(&nonce, calls.len());
        let stdin = &mut self.stdin;
        let write = async {
            // One write for the common case, so that one packet carries it. A shell that has ended is told by its
            // streams, which say why as well.
            let opening = opening.as_deref().unwrap_or_default();
            let head = Zeroizing::new([opening, request.as_str()].concat());
            let mut sent = stdin.write_all(head.as_bytes()).await;
            for call in calls.iter().filter(|call| !call.bytes().is_empty()) {
                if sent.is_ok() {
                    sent = stdin.write_all(call.bytes()).await;
                }
            }
            Ok(())
        };
        let exchanged = async {
            tokio::try_join!(
                write,
                reading.read(0, &mut self.stdout, &mut out),
                reading.read(1, &mut self.stderr, &mut err),
            )
        };
        let ended = tokio::select! {
            exchanged = exchanged => exchanged.map(drop),
            over = liveness.over(waiting, &connection.settings.stop) => Err(Ended::Over(over)),
        };
        let begun = out.begun() || err.begun();
        match ended {
            Ok(()) if out.done() && err.done() => {
                return Ok(Ok(frame::replies(&nonce, out, err)));
            }
            Ok(()) | Err(Ended::Broken) => {}
            Err(Ended::Long) => {
                let at = [&out, &err].into_iter().find(|reader| reader.cropping());
                let call = calls.get(at.map_or(out.parts.len(), |reader| reader.parts.len()));
                let function = call.map(Call::to_string).unwrap_or_default();
                let failure = unsound::too_long(&function, waiting);
                return Err(left_behind(waiting, begun, failure));
            }
            Err(Ended::Echo) => {
                let failure = unsound::foreign("its user", &connection.login);
                return Err(left_behind(waiting, begun, failure));
            }
            Err(Ended::Noise) => {
                let said = [out.text(), err.text()].concat();
                let failure = shell_failure::noisy(&said, "its user", &connection.login);
                return Err(left_behind(waiting, begun, failure));
            }
            Err(Ended::Over(over)) => {
                let said = [out.text(), err.text()].concat();
                let failure = ended_by(over, &said, calls, connection, &liveness);
                let begun = match over {
                    GivenUp::NoArrival => begun,
                    GivenUp::Silence | GivenUp::Asked => true,
                    // The question before the action.
                    GivenUp::Endless => false,
                };
                return Err(left_behind(waiting, begun, failure));
            }
        }
        Ok(Err(Broken {
            begun,
            fresh: false,
            said: [
                String::from_utf8_lossy(&out.before),
                String::from_utf8_lossy(&err.before),
            ]
            .concat(),
        }))
    }
}

/// A command with its three streams. Fails as whoever becomes this user fails.
async fn spawn(
    connection: &Connection,
    user: &str,
    command: &str,
) -> Result<openssh::Child<Arc<Session>>, Failure> {
    connection.spawn(command).await?.map_err(|error| {
        let said = connect_failure::text(&error);
        shell_failure::of(&said, user, &connection.login, &connection.name)
    })
}
