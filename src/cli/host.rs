//! `landfall host`: the first contact with a host.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Context, Exit, Trouble};

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
        /// Trust it if one of its keys has this fingerprint, without asking
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

/// Does it.
pub async fn run(args: &HostArgs, context: &Context) -> Result<Exit, Trouble> {
    let _ = (args, context);
    Ok(Exit::Done)
}
