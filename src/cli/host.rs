//! `landfall host`: the first contact with a host.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tokio_util::sync::CancellationToken;

use super::{Context, Exit, Trouble, apply::confirm, show};
use crate::connect::ssh;
use crate::declare;
use crate::model::{Class, Failure, Login};

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
    /// Show a host's keys and, once somebody compared them, trust them from now on
    Trust {
        /// The host's name or address
        address: String,
        /// The port of its sshd
        #[arg(short, long, default_value_t = 22)]
        port: u16,
        /// Trust it without asking if one of its keys has this fingerprint
        #[arg(long, value_name = "SHA256:…")]
        fingerprint: Option<String>,
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
        /// A file with the password; else ssh asks for it
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
}

/// Does it. Both write to, or compare with, the project's own file of host keys.
pub async fn run(args: &HostArgs, context: &Context) -> Result<Exit, Trouble> {
    let known_hosts = context.root()?.join(declare::FOLDER).join("known_hosts");
    match &args.verb {
        HostVerb::Trust {
            address,
            port,
            fingerprint,
        } => {
            let offered = ssh::trust(address, *port, &known_hosts).await?;
            if offered.known {
                show::line(
                    context,
                    &format!("The keys of {address} are trusted already."),
                );
                return Ok(Exit::Done);
            }
            for key in &offered.keys {
                show::line(context, &format!("{} {}", key.kind, key.fingerprint));
            }
            match fingerprint {
                Some(expected) if offered.keys.iter().any(|key| key.fingerprint == *expected) => {}
                Some(expected) => {
                    return Err(Failure::new("the host has another key", format!("looking for {expected}"))
                        .class(Class::Refused)
                        .why("None of the keys above has this fingerprint.")
                        .left("No key was trusted.")
                        .help("Somebody may be between you and the host; look at its own console.")
                        .into());
                }
                None => confirm(
                    context,
                    "Compare with the host's own console (ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub). Trust these keys?",
                    &CancellationToken::new(),
                )
                .await
                .map_err(|failure| failure.help("Pass --fingerprint SHA256:… as the host's console shows it."))?,
            }
            ssh::accept(address, *port, &offered, &known_hosts)?;
            show::line(
                context,
                &format!("{address} is trusted: {}/known_hosts", declare::FOLDER),
            );
        }
        HostVerb::Key {
            address,
            port,
            user,
            key,
            password_file,
        } => {
            let public = std::fs::read_to_string(key).map_err(|error| {
                Failure::new(
                    "the public key cannot be read",
                    format!("reading {}", key.display()),
                )
                .why(error)
            })?;
            let login = Login {
                address: address.clone(),
                port: *port,
                user: user.clone(),
                identity: None,
                sudo_password_file: None,
            };
            let added =
                ssh::first_key(&login, &public, password_file.as_deref(), &known_hosts).await?;
            let line = if added { "now opens" } else { "opened already" };
            show::line(context, &format!("The key {line} {user}@{address}."));
        }
    }
    Ok(Exit::Done)
}
