//! The folder that ssh reads and writes in during a handshake, and ssh in it.

use std::path::PathBuf;

use tokio::process::Command;

use crate::connect::ssh::login::options::{CONFIG, check_name};
use crate::{connect::leftovers, model::Failure};

/// Whom the host is told that it greets, by a ssh that says so before it asks its agent: one that every host has, so that
/// it does not count as a search for names.
pub const USER: &str = "root";

/// A folder of ours for what ssh reads and writes.
pub struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    /// One for the time of a handshake.
    pub fn new() -> Result<Self, Failure> {
        let folder = leftovers::folder(&std::env::temp_dir()).map_err(no_room)?;
        std::fs::write(folder.path().join("config"), CONFIG).map_err(no_room)?;
        Ok(Self { folder })
    }

    /// A file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// ssh with the configuration that counts, towards this host; the words after `--` are still to come.
    pub fn ssh(&self, address: &str, port: u16) -> Result<Command, Failure> {
        check_name("address", address)?;
        let mut command = Command::new("ssh");
        command
            .arg("-F")
            .arg(self.path("config"))
            .args(["-p", &port.to_string(), "-l", USER]);
        Ok(command)
    }
}

/// The failure of a folder that could not be made.
pub fn no_room(error: std::io::Error) -> Failure {
    Failure::new(
        "the folder for a handshake could not be made",
        "A temporary folder holds what ssh reads and writes.",
    )
    .why(error)
    .help("Set TMPDIR to a folder that can be written; its path must be short.")
}

/// The failure of an ssh that could not be run.
pub fn no_ssh(error: std::io::Error) -> Failure {
    Failure::new(
        "ssh could not be run",
        "It asks a host for the key that it holds.",
    )
    .why(error)
    .help("Install OpenSSH's client programs.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_workspace_is_known_for_ours_while_it_is_in_use() {
        let workspace = Workspace::new().unwrap();
        leftovers::remove(workspace.folder.path().parent().unwrap()).await;
        assert!(workspace.folder.path().exists());
    }
}
