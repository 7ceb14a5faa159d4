//! The first public key on a host that only a password opens.

use std::{
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::io::AsyncWriteExt;

use super::{
    connection::{check_name, check_user, known_hosts_word},
    denied,
    heard::Heard,
    patience::ARRIVAL,
    refusal::{self, Door},
    said::clean,
    streams::NOISE,
    trust::command,
};
use crate::model::{Class, Failure, Login};

/// The environment variable that makes our own program answer ssh's question for a password: see [`answer`].
pub const ASKED: &str = "LANDFALL_PASSWORD_FILE";

/// How long sshd lets a person take to log in (`LoginGraceTime` in sshd_config(5)).
const LOGIN_GRACE: Duration = Duration::from_secs(120);

/// Adds the line that comes on standard input, unless it is there; folder and file are its owner's alone.
const APPEND: &str = r#"exec sh -c 'umask 077; cd || exit 1; mkdir -p .ssh && touch .ssh/authorized_keys || exit 1; chmod go-w . .ssh .ssh/authorized_keys; IFS= read -r line || exit 1; if grep -qxF -e "$line" .ssh/authorized_keys; then echo there; else [ -z "$(tail -c 1 .ssh/authorized_keys)" ] || echo >>.ssh/authorized_keys; printf "%s\n" "$line" >>.ssh/authorized_keys && echo added; fi'"#;

/// Puts a public key where sshd looks for it, entering with a password. Gives whether it was added; false when it was
/// there.
///
/// Without `password` ssh asks on the terminal itself. With it, ssh asks our own program, which reads the file's first
/// line: the password is in no argument and in no environment variable. The host key must be trusted already.
pub async fn first_key(
    login: &Login,
    public_key: &str,
    password: Option<&Path>,
    known_hosts: &Path,
) -> Result<bool, Failure> {
    check_name("address", &login.address)?;
    check_user(&login.user)?;
    let line = key_line(public_key)?;
    let known = known_hosts_word(known_hosts)?;
    let carried = ssh(login, &line, password, &known).await.map_err(|error| {
        Failure::new(
            "ssh could not be run",
            "It carries the first key to a host.",
        )
        .why(error)
        .help("Install OpenSSH's client programs.")
    })?;
    let unknown = "The key may have been put there, or not.";
    match carried {
        Carried::Ended(ended) => match ended.out.lines().last().map(str::trim) {
            Some("added") if ended.status.success() => Ok(true),
            Some("there") if ended.status.success() => Ok(false),
            _ => Err(refused(login, known_hosts, &ended)),
        },
        Carried::Noise(said) => Err(denied::noisy(&said, &login.user, login).left(unknown)),
        Carried::Late(said, waited) => {
            Err(denied::late(&said, &login.user, login, waited).left(unknown))
        }
    }
}

/// What became of the ssh that carries the key.
enum Carried {
    /// It ended.
    Ended(Ended),
    /// It printed without end, the newest of it this.
    Noise(String),
    /// It did not end in this time, and said this.
    Late(String, Duration),
}

/// How it ended, and what it printed.
struct Ended {
    status: ExitStatus,
    out: String,
    err: String,
}

/// What our own program says when ssh asks it for a password: the first line of the file that [`ASKED`] names.
///
/// None when it was not ssh that started it, so that the program goes on as usual. Fails when the file cannot be read,
/// and when ssh asks for something else, such as the passphrase of a key that lies here.
pub fn answer() -> Option<Result<zeroize::Zeroizing<String>, Failure>> {
    let path = std::env::var(ASKED).ok()?;
    let question = std::env::args_os().nth(1).unwrap_or_default();
    let question = question.to_string_lossy();
    Some(reply(&question, &path))
}

fn reply(question: &str, path: &str) -> Result<zeroize::Zeroizing<String>, Failure> {
    // What a host asks is in its own language; what ssh asks about things of this machine is not.
    let ours = [
        "Enter passphrase",
        "Enter PIN",
        "Confirm user presence",
        "Allow use of",
    ];
    if ours.iter().any(|words| question.starts_with(words)) {
        return Err(Failure::new(
            "ssh asks for something else than the host's password",
            format!("It asks: {}", question.trim()),
        ));
    }
    super::entry::password(path)
}

/// One line of `authorized_keys`: a kind, a key, perhaps a comment. Refuses what could carry options or a second line.
fn key_line(public_key: &str) -> Result<String, Failure> {
    let line = public_key.trim();
    let mut words = line.split(' ');
    let kind = words.next().unwrap_or_default();
    let known = kind.starts_with("ssh-") || kind.starts_with("ecdsa-") || kind.starts_with("sk-");
    let key = words.next().unwrap_or_default();
    if known && key.starts_with("AAAA") && !line.chars().any(char::is_control) {
        return Ok(line.to_owned());
    }
    Err(Failure::new(
        "this is no public key",
        "A public key is one line, such as `ssh-ed25519 AAAA… me@example.org`.",
    )
    .help("Give the file that ends in `.pub`."))
}

async fn ssh(
    login: &Login,
    line: &str,
    password: Option<&Path>,
    known: &str,
) -> std::io::Result<Carried> {
    let mut command = tokio::process::Command::new("ssh");
    command
        .args(["-o", "StrictHostKeyChecking=yes", "-o"])
        .arg(["UserKnownHostsFile=", known].concat())
        .args(["-o", "GlobalKnownHostsFile=/dev/null"])
        .args(["-o", "KnownHostsCommand=none", "-o", "VerifyHostKeyDNS=no"])
        .args(["-o", "UpdateHostKeys=no", "-o", "ControlPath=none"])
        .args(["-o", "ConnectTimeout=20"])
        // It ends by itself as well, should nobody be left to end it.
        .args([
            "-o",
            "ServerAliveInterval=10",
            "-o",
            "ServerAliveCountMax=6",
        ])
        .args(["-p", &login.port.to_string(), "-l", &login.user, "-T"]);
    if let Some(path) = password {
        command
            .args(["-o", "NumberOfPasswordPrompts=1", "-o", "BatchMode=no"])
            .args(["-o", "PasswordAuthentication=yes"])
            .args(["-o", "KbdInteractiveAuthentication=yes"])
            .args([
                "-o",
                "PreferredAuthentications=publickey,keyboard-interactive,password",
            ])
            .env("SSH_ASKPASS", std::env::current_exe()?)
            .env("SSH_ASKPASS_REQUIRE", "force")
            .env(ASKED, path.canonicalize()?);
    }
    let mut child = command
        .arg("--")
        .arg(&login.address)
        .arg(APPEND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let (Some(mut stdin), Some(mut stdout), Some(mut stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(std::io::Error::other("it came without its three streams"));
    };
    // A person at the terminal has as long as sshd gives them; then the login shell has its own time.
    let limit = match password {
        Some(_) => ARRIVAL,
        None => LOGIN_GRACE + ARRIVAL,
    };
    let (mut out, mut err) = (Heard::default(), Heard::default());
    let write = async {
        // A ssh that was not let in has ended; what it said tells why.
        let _ = stdin.write_all(format!("{line}\n").as_bytes()).await;
        drop(stdin);
    };
    let read = async {
        while !(out.ended && err.ended) && out.total + err.total <= NOISE {
            tokio::select! {
                () = out.read(&mut stdout), if !out.ended => {}
                () = err.read(&mut stderr), if !err.ended => {}
            }
        }
    };
    let in_time = tokio::time::timeout(limit, async { tokio::join!(write, read) }).await;
    let said = || [out.text(), err.text()].concat();
    if in_time.is_err() {
        return Ok(Carried::Late(said(), limit));
    }
    if out.total + err.total > NOISE {
        return Ok(Carried::Noise(said()));
    }
    Ok(Carried::Ended(Ended {
        status: child.wait().await?,
        out: out.text(),
        err: err.text(),
    }))
}

fn refused(login: &Login, known_hosts: &Path, ended: &Ended) -> Failure {
    let Login {
        address,
        user,
        port,
        ..
    } = login;
    let said = &ended.err;
    let what = format!("Putting a public key on {address} for {user}.");
    let trust = command(address, *port);
    let failure = if said.contains("Permission denied (") {
        Failure::new("the host does not take the password", what)
            .class(Class::Unreachable)
            .why(clean(said))
            .help(format!(
                "Check it, and whether sshd there lets {user} in with a password (`PermitRootLogin`, `PasswordAuthentication`)."
            ))
    } else if ended.status.code() != Some(255) {
        // The login came about, so it is the host's shell that did not do it.
        Failure::new("the key could not be put on the host", what)
            .why(clean(said))
            .help(format!(
                "Is there room in the home of {user}, and may it write there?"
            ))
    } else {
        let door = Door {
            address,
            port: *port,
            user,
            known_hosts: Some(known_hosts),
            identity: None,
            section: refusal::section_of("NAME"),
            what,
        };
        let failure = refusal::door(said, &door);
        match failure.summary {
            "the host key is not known" => failure.help(format!(
                "Run `{trust}` first: a password is only sent to a host that is known."
            )),
            _ => failure,
        }
    };
    failure.left("The host is as it was.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_public_key_is_taken() {
        assert!(key_line("ssh-ed25519 AAAAC3Nz me@example.org\n").is_ok());
        for bad in [
            "",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "command=\"id\" ssh-ed25519 AAAA",
            "ssh-ed25519 AAAA\nssh-ed25519 AAAA",
        ] {
            assert!(key_line(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_password_is_for_the_host_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "s p'w\nnot this\n").unwrap();
        let file = file.to_str().unwrap();
        for question in ["root@web's password: ", "(root@web) Passwort: "] {
            assert_eq!(reply(question, file).unwrap().as_str(), "s p'w");
        }
        for question in [
            "Enter passphrase for key '/root/.ssh/id': ",
            "Enter PIN for ",
        ] {
            assert!(reply(question, file).is_err(), "{question}");
        }
        assert!(reply("Password: ", "/none").is_err());
    }
}
