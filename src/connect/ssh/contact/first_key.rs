//! The first public key on a host that only a password opens.

use std::{
    iter,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::io::AsyncWriteExt;

use super::{askpass::Askpass, new_password};
use crate::connect::ssh::{
    advice::{section_of, trust_command},
    exchange::liveness::ARRIVAL,
    login::become_user,
    login::connect_failure::{self, Attempt},
    login::heard::{Heard, NOISE},
    login::options::{check_name, check_user, known_hosts_word},
    login::readable::clean,
    login::shell_failure,
    login::ssh_output::SshOutput,
};
use crate::model::{Class, Failure, Login};

/// Who tells ssh the password.
#[derive(Debug, Clone, Copy)]
pub enum Password<'a> {
    /// Our own program, which reads the first line of this file: the password is in no argument and in no environment
    /// variable. With the second file it sets the first line of that, where the host demands a new password.
    File(&'a Path, Option<&'a Path>),
    /// The person at the terminal, whom ssh asks itself.
    Person,
    /// Nobody: no question is asked.
    Nobody,
}

/// How long sshd lets a person take to log in (`LoginGraceTime` in sshd_config(5)).
const LOGIN_GRACE: Duration = Duration::from_secs(120);

/// Adds the line that comes on standard input, unless it is there; folder and file are its owner's alone.
const APPEND: &str = r#"exec sh -c 'umask 077; cd || exit 1; mkdir -p .ssh && touch .ssh/authorized_keys || exit 1; chmod go-w . .ssh .ssh/authorized_keys; IFS= read -r line || exit 1; if grep -qxF -e "$line" .ssh/authorized_keys; then echo there; else [ -z "$(tail -c 1 .ssh/authorized_keys)" ] || echo >>.ssh/authorized_keys; printf "%s\n" "$line" >>.ssh/authorized_keys && echo added; fi'"#;

/// Puts a public key where sshd looks for it, entering with a password. Gives whether it was added; false when it was
/// there. The host key must be trusted already.
pub async fn first_key(
    login: &Login,
    public_key: &str,
    password: Password<'_>,
    known_hosts: &Path,
) -> Result<bool, Failure> {
    check_name("address", &login.address)?;
    check_user(&login.user)?;
    let line = key_line(public_key)?;
    if let Password::File(path, new) = password {
        // Before a host is asked for anything; ssh is told the password only when it asks.
        for path in iter::once(path).chain(new) {
            become_user::password(&path.to_string_lossy())
                .map_err(|failure| failure.left_behind("The host is as it was."))?;
        }
    }
    let known = known_hosts_word(known_hosts)?;
    let askpass = Askpass::new()?;
    let carry = async |password| {
        let carried = ssh(login, &line, (password, &askpass), &known).await;
        carried.map_err(no_ssh)
    };
    let mut carried = carry(password).await?;
    if let (Password::File(old, Some(new)), Carried::Ended(ended)) = (password, &carried) {
        if demands_new(&ended.err) {
            let ssh = command(login, (password, &askpass), &known).map_err(no_ssh)?;
            new_password::set(login, ssh, [old, new]).await?;
            carried = carry(Password::File(new, None)).await?;
        } else if SshOutput::of(&ended.err).says("Permission denied (") {
            // A run that was cut may have set it already.
            carried = carry(Password::File(new, None)).await?;
        }
    }
    let unknown = "The key may have been put there, or not.";
    match carried {
        Carried::Ended(ended) => match ended.out.lines().last().map(str::trim) {
            Some("added") if ended.status.success() => Ok(true),
            Some("there") if ended.status.success() => Ok(false),
            _ => Err(refused(login, password, known_hosts, &ended)),
        },
        Carried::Noise(said) => {
            Err(shell_failure::noisy(&said, &login.user, login).left_behind(unknown))
        }
        Carried::Late(said, waited) => {
            Err(shell_failure::late(&said, &login.user, login, waited).left_behind(unknown))
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
    /// What a host on the way asked for.
    asked: Option<String>,
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

/// Whether a host let somebody in whose password must be changed before anything else.
fn demands_new(said: &str) -> bool {
    [
        "Password change required",
        "password has expired",
        "required to change your password",
    ]
    .iter()
    .any(|words| said.contains(words))
}

fn no_ssh(error: std::io::Error) -> Failure {
    Failure::new(
        "ssh could not be run",
        "It carries the first key to a host.",
    )
    .why(error)
    .help("Install OpenSSH's client programs.")
}

/// ssh with what it is told, up to its words about a terminal, the host and a command.
fn command(
    login: &Login,
    (password, askpass): (Password<'_>, &Askpass),
    known: &str,
) -> std::io::Result<tokio::process::Command> {
    let mut command = match password {
        Password::File(path, new) => askpass.ssh(Some(path), new)?,
        // ssh itself asks nothing then; that of a jump host would, on the terminal that there may be.
        Password::Nobody => askpass.ssh(None, None)?,
        Password::Person => tokio::process::Command::new("ssh"),
    };
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
        .args(["-p", &login.port.to_string(), "-l", &login.user]);
    match password {
        Password::File(..) => command
            .args(["-o", "NumberOfPasswordPrompts=1", "-o", "BatchMode=no"])
            .args(["-o", "PasswordAuthentication=yes"])
            .args(["-o", "KbdInteractiveAuthentication=yes"])
            .args([
                "-o",
                "PreferredAuthentications=publickey,keyboard-interactive,password",
            ]),
        Password::Nobody => command.args(["-o", "BatchMode=yes"]),
        Password::Person => &mut command,
    };
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    Ok(command)
}

async fn ssh(
    login: &Login,
    line: &str,
    (password, askpass): (Password<'_>, &Askpass),
    known: &str,
) -> std::io::Result<Carried> {
    let mut child = command(login, (password, askpass), known)?
        .args(["-T", "--"])
        .arg(&login.address)
        .arg(APPEND)
        .spawn()?;
    let (Some(mut stdin), Some(mut stdout), Some(mut stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(std::io::Error::other("it came without its three streams"));
    };
    // A person at the terminal has as long as sshd gives them; then the login shell has its own time.
    let limit = match password {
        Password::File(..) | Password::Nobody => ARRIVAL,
        Password::Person => LOGIN_GRACE + ARRIVAL,
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
        asked: askpass.refused(),
    }))
}

fn refused(login: &Login, password: Password<'_>, known_hosts: &Path, ended: &Ended) -> Failure {
    let Login {
        address,
        user,
        port,
        ..
    } = login;
    let said = &ended.err;
    let what = format!("Putting a public key on {address} for {user}.");
    let trust = trust_command(address, *port);
    let failure = if let Some(asked) = &ended.asked {
        Failure::new("a host on the way asks for something", what)
            .class(Class::Unreachable)
            .why(format!("It asks: {asked}"))
            .help(format!(
                "A password is only for {address}, and was sent to nobody else. Enter the jump hosts on the way by hand \
                 first, so that their keys are known, and let a key open them."
            ))
    } else if demands_new(said) {
        Failure::new("the host demands a new password first", what)
            .class(Class::Unreachable)
            .quoting(clean(said))
            .help(
                "Write the new one into a file and name it beside the one of now: `--password-file FILE \
                 --new-password-file FILE`. It is set, and then the key is put there.",
            )
    } else if ended.status.code() != Some(255) {
        // The login came about, so it is the host's shell that did not do it.
        Failure::new("the key could not be put on the host", what)
            .quoting(clean(said))
            .help(format!(
                "Is there room in the home of {user}, and may it write there?"
            ))
    } else if SshOutput::of(said).says("Permission denied (") {
        match password {
            Password::Nobody => Failure::new("nobody can be asked for the password", what)
                .why("Standard input is no terminal.")
                .help("Name a file whose first line is the password: `--password-file FILE`."),
            Password::File(..) | Password::Person => {
                Failure::new("the host does not take the password", what).help(format!(
                    "Check it, and whether sshd there lets {user} in with a password (`PermitRootLogin`, `PasswordAuthentication`)."
                ))
            }
        }
        .class(Class::Unreachable)
        .quoting(clean(said))
    } else {
        let attempt = Attempt {
            address,
            port: *port,
            user,
            known_hosts: Some(known_hosts),
            identity: None,
            section: section_of("NAME"),
            what,
        };
        let failure = connect_failure::of(said, &attempt);
        match failure.summary {
            "the host key is not known" => failure.help(format!(
                "Run `{trust}` first: a password is only sent to a host that is known."
            )),
            _ => failure,
        }
    };
    failure.left_behind("The host is as it was.")
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
}
