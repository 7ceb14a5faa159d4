//! How a user's shell is started: by the login itself, from root downwards, or through sudo, which may ask for a password.

use openssh::{ChildStderr, ChildStdin, ChildStdout};
use tokio::io::AsyncWriteExt;
use zeroize::Zeroizing;

use super::{
    become_attempts::BecomeFailure,
    connection::Connection,
    heard::{Heard, NOISE},
    shell_failure,
};
use crate::connect::ssh::{
    exchange::liveness::{GivenUp, Liveness, Waiting, interrupted},
    exchange::nonce::nonce,
    exchange::quote::quote,
    prelude::BOOT,
};
use crate::model::{Class, Failure, Login};
use crate::reading;

/// What goes before sudo: its words are read by us, so it speaks English.
const ENGLISH: &str =
    r#"l=${LC_ALL-} m=${LANGUAGE-}; LC_ALL=C LANGUAGE=C; export LC_ALL LANGUAGE; "#;

/// What root runs to become another user: sudo where it is, else what Debian always has.
const DESCEND: &str = r#"if command -v sudo >/dev/null; then exec sudo -n -H -u "$1" -- sh -c "$2" landfall "$l" "$m"; elif command -v runuser >/dev/null; then exec runuser -s /bin/sh -c "$2" -- "$1" landfall "$l" "$m"; else exec su -s /bin/sh -c "$2" -- "$1" landfall "$l" "$m"; fi"#;

/// sudo where it asks for nothing.
const SUDO: &str = r#"exec sudo -n -H -u "$1" -- sh -c "$2" landfall "$l" "$m""#;

/// sudo that may ask, with a question of ours.
const SUDO_ASKS: &str = r#"exec sudo -S -p "$3" -H -u "$1" -- sh -c "$2" landfall "$l" "$m" "$4""#;

/// How a user's shell is started.
pub struct ShellCommand {
    /// The words for the login shell.
    pub command: String,
    /// What sudo may ask, and the answer.
    pub asks: Option<SudoPrompt>,
}

/// A question that sudo may ask once.
pub struct SudoPrompt {
    /// sudo's question, in words that nobody else uses.
    question: String,
    /// What the shell says when it listens.
    ready: String,
    password: Zeroizing<String>,
}

/// How this user's shell is started. Fails when the file with the password cannot be read.
pub fn shell_command(login: &Login, user: &str) -> Result<ShellCommand, Failure> {
    if user == login.user {
        return Ok(ShellCommand {
            command: ["exec sh -c ", &quote(BOOT)?].concat(),
            asks: None,
        });
    }
    let asks = match &login.sudo_password_file {
        Some(path) if login.user != "root" => Some(SudoPrompt {
            question: [&nonce()?, "?"].concat(),
            ready: nonce()?,
            password: password(path)?,
        }),
        _ => None,
    };
    let way = match &asks {
        Some(_) => SUDO_ASKS,
        None if login.user == "root" => DESCEND,
        None => SUDO,
    };
    let mut command = [
        "exec sh -c ",
        &quote(&[ENGLISH, way].concat())?,
        " landfall",
    ]
    .concat();
    let own = asks.iter().flat_map(|asks| [&asks.question, &asks.ready]);
    for word in [user, BOOT].into_iter().chain(own.map(String::as_str)) {
        command.push(' ');
        command.push_str(&quote(word)?);
    }
    Ok(ShellCommand { command, asks })
}

/// The first line of the password's file.
pub fn password(path: &str) -> Result<Zeroizing<String>, Failure> {
    let text = reading::text(std::path::Path::new(path), reading::WRITTEN)
        .map(Zeroizing::new)
        .map_err(|error| {
            Failure::new(
                "the file with a password cannot be read",
                format!("The file is {path}."),
            )
            .class(Class::Error)
            .why(error)
        })?;
    Ok(Zeroizing::new(
        text.lines().next().unwrap_or_default().to_owned(),
    ))
}

impl SudoPrompt {
    /// Waits until the shell listens, and answers sudo's question once, in a write of its own: what is sent before the
    /// shell listens could be read by sudo, and what is sent to a shell that nobody asked could be run by it.
    ///
    /// A second question means that the first answer was wrong. sudo has begun another try then, and takes the end of
    /// its input for the answer; a third is never begun.
    pub async fn answer(
        self,
        (stdin, stdout, stderr): (&mut ChildStdin, &mut ChildStdout, &mut ChildStderr),
        connection: &Connection,
        user: &str,
    ) -> Result<(), BecomeFailure> {
        let login = &connection.login;
        let stop = &connection.settings.stop;
        let liveness = Liveness::new(false, &[], connection.settings.answer_timeout);
        let over = liveness.over(Waiting::Question, stop);
        tokio::pin!(over);
        let (mut out, mut err) = (Heard::default(), Heard::default());
        let mut tried = false;
        loop {
            tokio::select! {
                () = out.read(stdout), if !out.ended => {}
                () = err.read(stderr), if !err.ended => {}
                over = &mut over => {
                    let failure = match over {
                        GivenUp::Asked => interrupted(format!("Becoming {user} on {}.", connection.name)),
                        GivenUp::NoArrival | GivenUp::Silence | GivenUp::Endless => {
                            shell_failure::silent(&self.said(&out, &err), user, login)
                        }
                    };
                    return Err(BecomeFailure { failure, tried });
                }
            }
            if out.has(&self.ready) {
                return Ok(());
            }
            let said = self.said(&out, &err);
            if out.ended && err.ended {
                let failure = shell_failure::of(&said, user, login, &connection.name);
                return Err(BecomeFailure { failure, tried });
            }
            if out.total + err.total > NOISE {
                let failure = shell_failure::noisy(&said, user, login);
                return Err(BecomeFailure { failure, tried });
            }
            let asked = out.count(&self.question) + err.count(&self.question);
            if tried && (asked > 1 || shell_failure::is_expired(&said)) {
                let failure = shell_failure::refused(&said, user, login, &connection.name);
                return Err(BecomeFailure { failure, tried });
            }
            if asked > 0 && !tried {
                tried = true;
                let line = Zeroizing::new([self.password.as_str(), "\n"].concat());
                // A sudo that has ended says why on its streams.
                let _ = stdin.write_all(line.as_bytes()).await;
                let _ = stdin.flush().await;
            }
        }
    }

    /// What was said, without our own words.
    fn said(&self, out: &Heard, err: &Heard) -> String {
        let said = [out.text(), err.text()].concat();
        // sudo-rs puts words of its own around the question.
        let question = ["[sudo: ", &self.question, "]"].concat();
        said.replace(&question, "sudo:")
            .replace(&self.question, "sudo asks for the password.\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_login_shell_is_given_is_taken_literally_by_each() {
        for text in [BOOT, ENGLISH, DESCEND, SUDO, SUDO_ASKS] {
            assert!(!text.contains(['\'', '!', '\\', '\n']), "{text}");
        }
    }
}
