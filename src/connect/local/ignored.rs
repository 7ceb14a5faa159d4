//! A private key that is made in a project does not get into its git.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::model::private::{GITIGNORE, IGNORE_ALL, MEMORY};

/// Tells git to leave this private key alone, where git could find it.
///
/// The folder of landfall's own is left out as a whole, whether it is in a repository yet or not. Of any other folder
/// in a repository only this file is, by a line of the `.gitignore` beside it.
pub(super) fn keep_out(private: &Path) -> io::Result<()> {
    let folders = private.ancestors().skip(1);
    let own = |folder: &&Path| folder.file_name().is_some_and(|name| name == MEMORY);
    if let Some(folder) = folders.clone().find(own) {
        return match create(&folder.join(GITIGNORE), IGNORE_ALL) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            made => made,
        };
    }
    let (Some(folder), Some(name)) = (private.parent(), private.file_name()) else {
        return Ok(());
    };
    for above in folders {
        let ignored = fs::read_to_string(above.join(GITIGNORE)).unwrap_or_default();
        let line = format!("/{}", name.to_string_lossy());
        if ignored
            .lines()
            .any(|rule| rule.trim() == "*" || above == folder && rule.trim() == line)
        {
            return Ok(());
        }
        if above.join(".git").exists() {
            return append(&folder.join(GITIGNORE), &line);
        }
    }
    Ok(())
}

fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.create_new(true).write(true).mode(0o600).open(path);
    file?.write_all(text.as_bytes())
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    let before = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    let gap = match before.last() {
        None | Some(b'\n') => "",
        Some(_) => "\n",
    };
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(format!("{gap}{line}\n").as_bytes())
}
