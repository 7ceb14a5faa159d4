//! Folders for the time of a run, and what runs that were killed left on this machine: such folders, and ssh's own
//! processes with the sockets in them.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tempfile::TempDir;

use super::process::Process;

/// What the folders' names begin with. Short, because a socket's path may have 107 bytes.
const PREFIX: &str = "lf-";

/// The file in such a folder that says whose it is: each process at work in it, a line each.
const OWNER: &str = "owner";

/// ssh answers at once; one that was stopped never does.
const PATIENCE: Duration = Duration::from_secs(5);

/// A folder that only its owner can enter. It goes when it is dropped, and when this process is killed before, with the
/// next run that looks for leftovers here.
pub fn folder(parent: &Path) -> io::Result<TempDir> {
    let folder = tempfile::Builder::new()
        .prefix(PREFIX)
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(parent)?;
    fs::write(folder.path().join(OWNER), line(&Process::this()))?;
    Ok(folder)
}

/// Writes down that another process is at work in such a folder, and may be when this one has ended.
pub fn share(folder: &Path, pid: u32) -> io::Result<()> {
    let mut owners = fs::OpenOptions::new()
        .append(true)
        .open(folder.join(OWNER))?;
    match Process::of(pid) {
        Some(process) => owners.write_all(line(&process).as_bytes()),
        // It has ended already.
        None => Ok(()),
    }
}

fn line(process: &Process) -> String {
    format!("{process}\n")
}

/// Takes away the folders that runs of this user left here, and ends the connections in them. What belongs to a process
/// that lives or cannot be judged from here, what others own, and folders in which something is mounted stay.
pub async fn remove(parent: &Path) {
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
    named && ours() && is_deserted(folder) && !has_mounts(folder)
}

/// Whether every process that is known to work in a folder has ended.
fn is_deserted(folder: &Path) -> bool {
    let owners = fs::read_to_string(folder.join(OWNER)).unwrap_or_default();
    let gone = |owner: &str| Process::read(owner).is_some_and(|owner| owner.is_gone());
    !owners.is_empty() && owners.lines().all(gone)
}

/// Whether another file system is mounted in a folder, as in the root of a system that is being built: what is in that
/// one is not ours. Where it cannot be known, yes.
fn has_mounts(folder: &Path) -> bool {
    let (Ok(folder), Ok(mounts)) = (
        fs::canonicalize(folder),
        fs::read_to_string("/proc/self/mounts"),
    ) else {
        return true;
    };
    mounts
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .any(|point| Path::new(point).starts_with(&folder))
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

    /// The names in a folder.
    fn listing(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn sleeping() -> std::process::Child {
        let mut sleep = std::process::Command::new("sleep");
        sleep.arg("60").spawn().unwrap()
    }

    #[tokio::test]
    async fn only_folders_of_runs_that_are_gone_are_taken_away() {
        let parent = tempfile::tempdir().unwrap();
        let made = |name: &str, owners: &[&str]| {
            let path = parent.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
            fs::write(path.join(OWNER), owners.join("\n")).unwrap();
            path
        };
        let mut child = sleeping();
        let this = Process::this().to_string();
        let gone = Process::of(child.id()).unwrap().to_string();
        child.kill().unwrap();
        child.wait().unwrap();
        // The number is another process's by now, which did not begin with the machine.
        let mut words: Vec<&str> = this.split('/').collect();
        words[1] = "1";
        let given_again = words.join("/");
        made("lf-gone", &[&gone]);
        made("lf-given-again", &[&given_again, &gone]);
        made("lf-alive", &[&this]);
        made("lf-shared", &[&gone, &this]);
        let (place, user) = gone.rsplit_once('/').unwrap();
        made("lf-elsewhere", &[&format!("{place}0/{user}")]);
        made("lf-unreadable", &["4711"]);
        made("lf-nobodys", &[]);
        made("other", &[&gone]);
        let open = made("lf-open", &[&gone]);
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        let aim = made("aim", &[&gone]);
        std::os::unix::fs::symlink(aim, parent.path().join("lf-link")).unwrap();
        remove(parent.path()).await;
        assert_eq!(
            listing(parent.path()),
            [
                "aim",
                "lf-alive",
                "lf-elsewhere",
                "lf-link",
                "lf-nobodys",
                "lf-open",
                "lf-shared",
                "lf-unreadable",
                "other"
            ]
        );
    }

    #[tokio::test]
    async fn a_folder_stays_as_long_as_a_process_that_shares_it() {
        let parent = tempfile::tempdir().unwrap();
        let mut child = sleeping();
        let kept = folder(parent.path()).unwrap().keep();
        // As if this process had been killed.
        fs::write(kept.join(OWNER), "").unwrap();
        share(&kept, child.id()).unwrap();
        remove(parent.path()).await;
        assert!(kept.exists());
        child.kill().unwrap();
        child.wait().unwrap();
        remove(parent.path()).await;
        assert!(!kept.exists());
    }

    #[test]
    fn a_folder_with_another_file_system_in_it_is_not_ours_to_empty() {
        assert!(has_mounts(Path::new("/")));
        assert!(!has_mounts(tempfile::tempdir().unwrap().path()));
    }
}
