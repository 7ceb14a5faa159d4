//! What runs that were killed left on this machine: ssh's own processes and the folders with their sockets.

use std::{
    fs,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use crate::connect::process::Process;

/// What the folders' names begin with. Short, because a socket's path may have 107 bytes.
pub(super) const PREFIX: &str = "lf-";

/// The file in such a folder that says whose it is.
pub(super) const OWNER: &str = "owner";

/// ssh answers at once; one that was stopped never does.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes down that a folder is this process's.
pub(super) fn own(folder: &Path) -> std::io::Result<()> {
    fs::write(folder.join(OWNER), Process::this().to_string())
}

/// Ends the connections that runs of this user left in this folder, and takes their folders away. A run that lives, a
/// process that cannot be judged from here, and other users' things are left alone.
pub(super) async fn remove(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for folder in entries.flatten().map(|entry| entry.path()) {
        if is_left(&folder) && end(&folder).await {
            // What cannot be removed is tried again by the next run.
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

fn is_left(folder: &Path) -> bool {
    let named = folder
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    let ours = || {
        fs::symlink_metadata(folder).is_ok_and(|found| {
            found.is_dir()
                && found.uid() == nix::unistd::geteuid().as_raw()
                && found.mode() & 0o077 == 0
        })
    };
    let gone = || {
        fs::read_to_string(folder.join(OWNER))
            .ok()
            .and_then(|owner| Process::read(&owner))
            .is_some_and(|owner| owner.is_gone())
    };
    named && ours() && gone()
}

/// Ends whatever listens in a folder; false when something there does not let itself be ended.
async fn end(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    let sockets = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_socket()));
    for socket in sockets.map(|entry| entry.path()) {
        if !exit(&socket).await {
            return false;
        }
    }
    true
}

/// Ends ssh's own process behind a socket, and with it the connection. True when it ended, or had already.
pub(super) async fn exit(socket: &PathBuf) -> bool {
    let asked = tokio::process::Command::new("ssh")
        .args(["-F", "none", "-O", "exit", "-S"])
        .arg(socket)
        .arg("host")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status();
    tokio::time::timeout(PATIENCE, asked).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_folders_of_runs_that_are_gone_are_taken_away() {
        let parent = tempfile::tempdir().unwrap();
        let folder = |name: &str, owner: &str| {
            let path = parent.path().join(name);
            fs::create_dir(&path).unwrap();
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            fs::set_permissions(&path, mode).unwrap();
            fs::write(path.join(OWNER), owner).unwrap();
        };
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let this = Process::this().to_string();
        let pid = std::process::id().to_string();
        let gone = this.replacen(&pid, &child.id().to_string(), 1);
        child.wait().unwrap();
        folder("lf-gone", &gone);
        folder("lf-alive", &this);
        folder("lf-elsewhere", &[&gone, "0"].concat());
        folder("lf-unreadable", "4711");
        folder("other", &gone);
        remove(parent.path()).await;
        let mut left: Vec<_> = fs::read_dir(parent.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["lf-alive", "lf-elsewhere", "lf-unreadable", "other"]);
    }
}
