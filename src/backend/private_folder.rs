//! Keeps a folder of records from other users of the machine and out of git.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::model::private::{GITIGNORE, IGNORE_ALL};

/// Tells git to leave everything in the folder alone, and takes what others may do with the records of this environment
/// away: an earlier program, or a copy, may have left them open.
///
/// Where the folder holds a project, or is git's own, only the environment's records are kept out. What stands in a
/// `.gitignore` already is the user's word and stays.
pub(super) fn make_private(root: &Path, environment: &str) -> io::Result<()> {
    let own = root.join(environment);
    let shared = ["environments", ".git"]
        .iter()
        .any(|name| root.join(name).exists());
    ignore(if shared { &own } else { root })?;
    close(&own)
}

fn ignore(folder: &Path) -> io::Result<()> {
    let made = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(folder.join(GITIGNORE));
    match made {
        Ok(mut file) => file.write_all(IGNORE_ALL.as_bytes()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        // Made by the write that comes next.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Every file below for its owner alone. Links are not followed.
fn close(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            close(&entry.path())?;
        } else if kind.is_file() {
            let mode = entry.metadata()?.permissions().mode();
            if mode & 0o077 != 0 {
                fs::set_permissions(entry.path(), Permissions::from_mode(0o600))?;
            }
        }
    }
    Ok(())
}
