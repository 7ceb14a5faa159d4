//! One user's long-lived shell on a host.

use std::sync::{Arc, atomic::Ordering};

use openssh::{ChildStderr, ChildStdin, ChildStdout, Session, Stdio};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    sync::OwnedSemaphorePermit,
};
use zeroize::Zeroizing;

use super::{
    connection::Connection,
    frame::{self, Call, Reader, Reply},
    quote::quote,
    refusal,
};
use crate::model::{Class, Failure};

/// What every shell knows before it is asked anything.
pub(super) const PRELUDE: &str = concat!(
    include_str!("prelude/serve.sh"),
    include_str!("prelude/turn.sh"),
    include_str!("prelude/questions.sh"),
    include_str!("prelude/facts.sh"),
    include_str!("prelude/actions.sh"),
    include_str!("prelude/folders.sh"),
    include_str!("prelude/files.sh"),
    include_str!("prelude/judge.sh"),
    include_str!("prelude/download.sh"),
    include_str!("prelude/handlers.sh"),
    "lf_serve\n",
);

/// Waits for the line `landfall SIZE`, reads that much text and becomes it. A password line that sudo did not ask for
/// is passed over. Only words and marks that every login shell takes literally between single quotes.
const BOOT: &str = r#"while IFS= read -r l; do case $l in "landfall "*) break ;; esac; done; n=${l#landfall }; p=; while [ "${#p}" -lt "$n" ]; do c=$(dd bs=$((n - ${#p})) count=1 2>/dev/null; echo .); c=${c%.}; [ -n "$c" ] || exit 1; p=$p$c; done; eval "$p""#;

/// What root runs to become another user: sudo where it is, else what Debian always has.
const DESCEND: &str = r#"if command -v sudo >/dev/null; then exec sudo -n -H -u "$1" -- sh -c "$2"; elif command -v runuser >/dev/null; then exec runuser -s /bin/sh -c "$2" -- "$1"; else exec su -s /bin/sh -c "$2" -- "$1"; fi"#;

/// How often a session is asked for when sshd refuses it because there are too many, and how long between.
const REFUSALS: (u32, std::time::Duration) = (50, std::time::Duration::from_millis(100));

/// A shell that runs. Dropping it ends the shell when its work is done.
#[derive(Debug)]
pub(super) struct Shell {
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
    /// What goes before the first request.
    opening: Option<Zeroizing<String>>,
    _child: Child,
    _place: OwnedSemaphorePermit,
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
pub(super) struct Cut {
    /// What was printed before the first answer began.
    pub said: String,
    /// Whether the answers had begun.
    pub begun: bool,
    /// Whether the shell was new, so that only its greeting could have been at work.
    pub fresh: bool,
}

impl Shell {
    /// Starts a shell as this user. Nothing is read from it yet, so nothing is waited for.
    pub async fn start(connection: &Connection, user: &str) -> Result<Self, Failure> {
        let place = connection.place().await?;
        let (command, password) = command(connection, user)?;
        let mut refused = 0;
        let mut child = loop {
            let session = connection.session().await?;
            let mut ready = session.arc_raw_command(&command);
            ready
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            match ready.spawn().await {
                Ok(child) => break child,
                Err(error) if refused < REFUSALS.0 && refusal::text(&error).contains("refused") => {
                    refused += 1;
                    connection.press();
                    tokio::time::sleep(REFUSALS.1).await;
                }
                Err(error) => {
                    return Err(refusal::shell(
                        &refusal::text(&error),
                        user,
                        &connection.login,
                    ));
                }
            }
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
            opening: Some(opening(password)),
            _child: Child { _child: child },
            _place: place,
        })
    }

    /// Whether nothing was asked yet.
    pub fn is_new(&self) -> bool {
        self.opening.is_some()
    }

    /// Sends the calls as one request and reads their answers: one round trip.
    ///
    /// A `patient` exchange reads past answers that are too long, because ending the command would be worse.
    pub async fn exchange(
        &mut self,
        connection: &Connection,
        calls: &[Call],
        patient: bool,
    ) -> Result<Result<Vec<Reply>, Cut>, Failure> {
        let nonce = nonce()?;
        let request = Zeroizing::new(frame::request(&nonce, calls)?);
        let opening = self.opening.take().unwrap_or_default();
        connection
            .settings
            .round_trips
            .fetch_add(1, Ordering::Relaxed);
        let mut out = Reader::new(&nonce, calls.len());
        let mut err = Reader::new(&nonce, calls.len());
        let stdin = &mut self.stdin;
        let write = async {
            // One write for the common case, so that one packet carries it. A shell that has ended is told by its
            // streams, which say why as well.
            let head = Zeroizing::new([opening.as_str(), request.as_str()].concat());
            let mut sent = stdin.write_all(head.as_bytes()).await;
            for call in calls.iter().filter(|call| !call.bytes().is_empty()) {
                if sent.is_ok() {
                    sent = stdin.write_all(call.bytes()).await;
                }
            }
            Ok(())
        };
        let read = tokio::try_join!(
            write,
            read(&mut self.stdout, &mut out, patient),
            read(&mut self.stderr, &mut err, patient),
        );
        if read.is_ok() && out.done() && err.done() {
            return Ok(Ok(frame::replies(&nonce, out, err)));
        }
        if !patient && (out.cropping() || err.cropping()) {
            return Err(too_long());
        }
        Ok(Err(Cut {
            begun: out.begun() || err.begun(),
            fresh: false,
            said: [
                String::from_utf8_lossy(&out.before),
                String::from_utf8_lossy(&err.before),
            ]
            .concat(),
        }))
    }
}

/// The failure of an answer that is longer than it may be.
pub(super) fn too_long() -> Failure {
    Failure::new(
        "the host's answer is too long",
        format!("An answer may have {} MiB.", frame::LIMIT >> 20),
    )
    .help("Let the command write to a file, or print less.")
}

async fn read<R: AsyncRead + Unpin>(
    stream: &mut R,
    reader: &mut Reader,
    patient: bool,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    while !reader.done() {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            reader.cut();
            break;
        }
        reader.feed(&buffer[..count]);
        if reader.cropping() && !patient {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
    }
    Ok(())
}

/// The text before the first request: the password where there is one, and the prelude.
fn opening(password: Option<Zeroizing<String>>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(PRELUDE.len() + 256));
    if let Some(password) = password {
        text.push_str(&password);
        text.push('\n');
    }
    text.push_str(&format!("landfall {}\n", PRELUDE.len()));
    text.push_str(PRELUDE);
    text
}

/// The words for the login shell, and the password that sudo may ask for.
fn command(
    connection: &Connection,
    user: &str,
) -> Result<(String, Option<Zeroizing<String>>), Failure> {
    let login = &connection.login;
    let boot = quote(BOOT)?;
    let user_word = quote(user)?;
    Ok(if user == login.user {
        (["exec sh -c ", &boot].concat(), None)
    } else if login.user == "root" {
        let descend = quote(DESCEND)?;
        (
            [
                "exec sh -c ",
                &descend,
                " landfall ",
                &user_word,
                " ",
                &boot,
            ]
            .concat(),
            None,
        )
    } else if let Some(path) = &login.sudo_password_file {
        let words = ["exec sudo -S -p '' -H -u ", &user_word, " -- sh -c ", &boot];
        (words.concat(), Some(password(path)?))
    } else {
        let words = ["exec sudo -n -H -u ", &user_word, " -- sh -c ", &boot];
        (words.concat(), None)
    })
}

/// The first line of the password's file.
pub(super) fn password(path: &str) -> Result<Zeroizing<String>, Failure> {
    let text = std::fs::read_to_string(path)
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

/// A mark that no output can hold by chance, new for each request.
fn nonce() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::bug(format!("no random bytes could be had: {error}")))?;
    Ok(["lf", &hex::encode(bytes)].concat())
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        process::{Command, Stdio},
    };

    use super::*;

    #[test]
    fn the_prelude_is_clean_posix_shell() {
        assert!(PRELUDE.is_ascii());
        let mut check = Command::new("shellcheck")
            .args(["--shell=sh", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("shellcheck is installed");
        let mut stdin = check.stdin.take().unwrap();
        stdin.write_all(PRELUDE.as_bytes()).unwrap();
        drop(stdin);
        let output = check.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}");
    }

    /// A file of the prelude that is there and not joined would be a function that no host knows.
    #[test]
    fn every_file_of_the_prelude_is_joined() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/connect/ssh/prelude");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(PRELUDE.contains(&text), "{}", path.display());
        }
    }
}
