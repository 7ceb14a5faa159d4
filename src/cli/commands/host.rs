//! `landfall host`: the first contact with a host.

use std::{io::IsTerminal as _, path::PathBuf};

use clap::{Args, Subcommand};
use tokio_util::sync::CancellationToken;

use crate::cli::{CommandError, Context, Exit, ask, output, show, signals::StopSignals};
use crate::connect::ssh::{self, Contact, Key, Password, Standing};
use crate::declare;
use crate::model::{Class, Failure, Login, without_brackets};
use crate::reading;

/// What `host` takes.
#[derive(Debug, Args)]
pub struct HostArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: HostVerb,
}

/// What can be done at the first contact.
#[derive(Debug, Subcommand)]
pub enum HostVerb {
    /// Show a host's key and, once somebody compared it, trust it from now on
    Trust {
        /// The host's name or address
        address: String,
        /// The port of its sshd
        #[arg(short, long, default_value_t = 22)]
        port: u16,
        /// Trust the key that has this fingerprint, without asking
        #[arg(long, value_name = "SHA256:…")]
        fingerprint: Option<String>,
        /// Trust it anew: the keys that it had before it was reinstalled are forgotten
        #[arg(long)]
        replace: bool,
    },
    /// Put a public key in place where only a password opens so far
    Key {
        /// The host's name or address
        address: String,
        /// The port of its sshd
        #[arg(short, long, default_value_t = 22)]
        port: u16,
        /// The user to log in as
        #[arg(short, long, default_value = "root")]
        user: String,
        /// The public key to put there
        #[arg(short, long, value_name = "FILE")]
        key: PathBuf,
        /// A file with the password; else ssh asks for it at the terminal
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// A file with the password that is to be, where the host demands a new one at the first login
        #[arg(long, value_name = "FILE", requires = "password_file")]
        new_password_file: Option<PathBuf>,
    },
}

/// Does it. Both write to, or compare with, the project's own file of host keys.
pub async fn run(args: &HostArgs, context: &Context) -> Result<Exit, CommandError> {
    let known_hosts = context.root()?.join(declare::FOLDER).join("known_hosts");
    match &args.verb {
        HostVerb::Trust {
            address,
            port,
            fingerprint,
            replace,
        } => {
            let wanted = fingerprint.as_deref().map(fingerprint_in).transpose()?;
            // A link to a file that several projects share stays one.
            let file = std::fs::canonicalize(&known_hosts).unwrap_or(known_hosts.clone());
            output::HOST_KEYS.file(&file)?;
            let mut asked = StopSignals::receive()?;
            let trusted = async {
                let address = without_brackets(address);
                let contact = Contact::find(address, *port, &known_hosts).await?;
                trust(context, contact, wanted, *replace).await
            };
            // What is under way takes its folder, its ssh and its question with it.
            tokio::select! {
                biased;
                () = asked.next() => Err(interrupted()),
                trusted = trusted => trusted,
            }?;
        }
        HostVerb::Key {
            address,
            port,
            user,
            key,
            password_file,
            new_password_file,
        } => {
            let public = reading::text(key, reading::WRITTEN).map_err(|error| {
                Failure::new(
                    "the public key cannot be read",
                    format!("reading {}", key.display()),
                )
                .why(error)
            })?;
            let login = Login {
                address: without_brackets(address).to_owned(),
                port: *port,
                user: user.clone(),
                identity: None,
                sudo_password_file: None,
            };
            let password = match password_file {
                Some(file) => Password::File(file, new_password_file.as_deref()),
                None if !context.json && std::io::stdin().is_terminal() => Password::Person,
                None => Password::Nobody,
            };
            let added = ssh::first_key(&login, &public, password, &known_hosts).await?;
            let line = if added { "now opens" } else { "already opens" };
            show::note(context, &format!("The key {line} {user}@{address}."));
        }
    }
    Ok(Exit::Done)
}

/// The failure of a first contact that somebody ended.
fn interrupted() -> Failure {
    Failure::interrupted("meeting a host for the first time").left_behind("No key was trusted.")
}

/// Looks at one key after the other until one was compared, and trusts that one alone.
async fn trust(
    context: &Context,
    mut contact: Contact,
    mut wanted: Option<String>,
    replace: bool,
) -> Result<(), Failure> {
    if wanted.is_none() && !replace && contact.has_certificate().await? {
        show::note(
            context,
            "It is trusted already: an authority in the file of host keys vouches for it.",
        );
        return Ok(());
    }
    while let Some(key) = contact.key().await? {
        show::note(context, &format!("{} {}", key.kind, key.fingerprint));
        if wanted.is_none() {
            if key.standing == Standing::Known {
                show::note(context, "This key is trusted already.");
                return Ok(());
            }
            contact.refuse_other(&key, replace)?;
            if let Comparison::Fingerprint(pasted) = compare(context, &key).await? {
                wanted = Some(pasted);
            }
        }
        if wanted
            .as_ref()
            .is_none_or(|wanted| *wanted == key.fingerprint)
        {
            contact.trust(&key, replace)?;
            show::note(
                context,
                &format!("It is trusted: {}/known_hosts", declare::FOLDER),
            );
            return Ok(());
        }
    }
    let wanted = wanted.unwrap_or_default();
    Err(
        Failure::new("the host has another key", format!("Looking for {wanted}."))
            .class(Class::Refused)
            .why("None of the keys above has this fingerprint, and it has no other.")
            .left_behind("No key was trusted.")
            .help("Somebody may be between you and the host; look at its own console."),
    )
}

/// What somebody says who has compared a key.
enum Comparison {
    Yes,
    Fingerprint(String),
}

/// Asks until the answer is one. Refused when it is no, and when nobody can answer.
async fn compare(context: &Context, key: &Key) -> Result<Comparison, Failure> {
    let refused = |why: &str| {
        Failure::new("the key was not compared", "asking before it is trusted")
            .class(Class::Refused)
            .why(why)
            .left_behind("No key was trusted.")
    };
    if !context.asks {
        return Err(
            refused("Nobody can answer here: standard input is no terminal.")
                .help("Pass `--fingerprint`, with what the host's console shows."),
        );
    }
    show::note(
        context,
        &format!(
            "Compare it with what the host's own console shows: `ssh-keygen -l -f {}`",
            host_key_file(&key.kind)
        ),
    );
    loop {
        let question = "Trust this key (yes, no, or the fingerprint that it must have)?";
        let answer = ask::line(context, question, &CancellationToken::new()).await?;
        match answer.as_str() {
            "yes" => return Ok(Comparison::Yes),
            other => match fingerprint_in(other) {
                Ok(pasted) => return Ok(Comparison::Fingerprint(pasted)),
                // One that was cut while it was copied can be pasted again.
                Err(_) if other.contains(':') => {
                    show::note(context, "That is no whole fingerprint of SHA256.");
                }
                Err(_) => return Err(refused("The answer was not `yes`.")),
            },
        }
    }
}

/// Where a host keeps the public half of a key of this kind.
fn host_key_file(kind: &str) -> &'static str {
    match kind {
        "ssh-ed25519" => "/etc/ssh/ssh_host_ed25519_key.pub",
        "ssh-rsa" => "/etc/ssh/ssh_host_rsa_key.pub",
        kind if kind.starts_with("ecdsa-") => "/etc/ssh/ssh_host_ecdsa_key.pub",
        _ => "FILE (what `HostKey` names in /etc/ssh/sshd_config, with `.pub`)",
    }
}

/// The fingerprint in what was pasted: alone, or the whole line of `ssh-keygen -l`.
fn fingerprint_in(text: &str) -> Result<String, Failure> {
    let of_sha256 = |word: &&str| {
        word.strip_prefix("SHA256:")
            .map(|digest| digest.trim_end_matches('='))
            .is_some_and(|digest| {
                digest.len() == 43
                    && digest
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || c == '+' || c == '/')
            })
    };
    match text.split_whitespace().find(of_sha256) {
        Some(word) => Ok(word.trim_end_matches('=').to_owned()),
        None => Err(Failure::new(
            "this is no fingerprint",
            format!("Reading {text:?}."),
        )
        .why("A fingerprint is `SHA256:` and 43 letters, digits, `+` or `/`.")
        .help("Take it from the host's console: `ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_found_in_the_line_of_ssh_keygen() {
        let plain = "SHA256:knK9tm1ADXcLmzLBsW4te9kAUqu2RjnM3GeTJ0x3qBk";
        for text in [
            plain.to_owned(),
            format!("{plain}="),
            format!("256 {plain} root@web (ED25519)\n"),
        ] {
            assert_eq!(fingerprint_in(&text).unwrap(), plain);
        }
        for text in ["", "SHA256:", "MD5:16:27:ac", &plain[..49]] {
            assert!(fingerprint_in(text).is_err(), "{text}");
        }
    }
}
