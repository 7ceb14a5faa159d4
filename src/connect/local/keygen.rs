//! The system's `ssh-keygen`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::model::Failure;

/// The public half of the private key in this file, as a line: `ssh-ed25519 AAAA… comment`.
///
/// Fails when the key needs a passphrase, and when `ssh-keygen` cannot read it or cannot be run.
pub(super) async fn derive(path: &Path) -> Result<String, Failure> {
    let what = format!("deriving the public half of {}", path.display());
    run(&["-y", "-P", "", "-f"], path, what).await.map_err(|failure| {
        failure.help(
            "Put its public half beside it, named with `.pub`: a key with a passphrase cannot be read without it.",
        )
    })
}

/// Runs `ssh-keygen` with these arguments and then this file, and gives what it prints. `what` says what it is run for.
///
/// Fails when it cannot be run, and with what it says when it refuses.
pub(super) async fn run(arguments: &[&str], path: &Path, what: String) -> Result<String, Failure> {
    let output = Command::new("ssh-keygen")
        .args(arguments)
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|error| {
            Failure::new("ssh-keygen cannot be run", what.clone())
                .why(error)
                .help("Install OpenSSH's client (`openssh-client`).")
        })?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Failure::new("ssh-keygen failed", what)
            .quoting(String::from_utf8_lossy(&output.stderr).trim()))
    }
}

/// Where the public half of a private key is: beside it, with `.pub` at its name's end.
pub(super) fn public_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".pub");
    name.into()
}
