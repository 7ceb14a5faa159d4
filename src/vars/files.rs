//! The files beside a playbook, on disk or shipped.

use std::{
    io,
    path::{Component, Path},
};

use super::shipped;
use crate::model::{Failure, playbook::Base};
use crate::reading;

/// The folder of shipped task files that any playbook may include: beside a project's own it is found where the project
/// has none of that name.
const LENT: &str = "keep-access";

/// Reads what lies beside a playbook.
pub struct Files;

impl Files {
    /// A name that does not start beside the playbook, as a path: an absolute one, or one below the user's home.
    pub fn absolute(name: &str) -> Option<String> {
        if name.starts_with('/') {
            return Some(name.to_owned());
        }
        let below = name.strip_prefix("~/")?;
        let home = std::env::home_dir()?;
        Some(home.join(below).display().to_string())
    }

    /// Whether a name stays among the shipped files.
    pub fn ships(relative: &str) -> bool {
        inside(relative).is_some()
    }

    /// The bytes of a file, or none when there is no such file.
    ///
    /// Relative names start at the base; on disk absolute names and `..` are the user's to use. Names that leave the
    /// shipped files, folders, and files that cannot be read are refused.
    pub fn read(base: &Base, relative: &str) -> Result<Option<Vec<u8>>, Failure> {
        match base {
            Base::Folder(folder) => Ok(match on_disk(&folder.join(relative))? {
                None if Path::new(relative).starts_with(LENT) => lent(relative),
                found => found,
            }),
            Base::Shipped => {
                let Some(path) = inside(relative) else {
                    return Err(Failure::new(
                        "a file outside the shipped ones",
                        format!("reading `{relative}` for a shipped playbook"),
                    )
                    .why("a shipped playbook reads only the files that are shipped with it")
                    .help("copy the playbook into `playbooks/` and change it there"));
                };
                Ok(shipped::file(&format!("playbooks/{path}")).map(<[u8]>::to_vec))
            }
        }
    }
}

/// A shipped file that is lent to the project's own playbooks.
fn lent(relative: &str) -> Option<Vec<u8>> {
    let path = inside(relative)?;
    if !Path::new(&path).starts_with(LENT) {
        return None;
    }
    shipped::file(&format!("playbooks/{path}")).map(<[u8]>::to_vec)
}

/// The normal form of a relative path that stays below where it starts.
fn inside(relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for component in Path::new(relative).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

fn on_disk(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(
            "a file cannot be read",
            format!("reading {}", path.display()),
        )
        .why(error)
    };
    match reading::bytes(path, reading::MADE) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if absent(&error) => Ok(None),
        Err(error) if path.is_dir() => {
            Err(failed(&error).help("It is a folder, and a file is expected: name one in it."))
        }
        Err(error) => Err(failed(&error)),
    }
}

fn absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipped_playbook_cannot_leave_its_folder() {
        assert!(Files::read(&Base::Shipped, "../stacks/x.yaml").is_err());
        assert!(Files::read(&Base::Shipped, "/etc/hostname").is_err());
        assert_eq!(Files::read(&Base::Shipped, "a/../no-such").unwrap(), None);
    }

    #[test]
    fn a_project_has_the_task_files_that_are_lent_and_no_others_and_its_own_first() {
        let folder = tempfile::tempdir().unwrap();
        let base = Base::Folder(folder.path().to_owned());
        let read = |name: &str| Files::read(&base, name).unwrap();
        assert!(read("keep-access/arm.yml").is_some());
        assert_eq!(read("keep-access/../docker-host.yml"), None);
        assert_eq!(read("docker-host.yml"), None);
        std::fs::create_dir(folder.path().join("keep-access")).unwrap();
        std::fs::write(folder.path().join("keep-access/arm.yml"), "own").unwrap();
        assert_eq!(read("keep-access/arm.yml").unwrap(), b"own");
    }

    #[test]
    fn a_folder_reads_its_files_and_says_when_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "x").unwrap();
        let base = Base::Folder(folder.path().to_owned());
        assert_eq!(Files::read(&base, "a").unwrap().unwrap(), b"x");
        assert_eq!(Files::read(&base, "b").unwrap(), None);
        assert_eq!(Files::read(&base, "a/b").unwrap(), None);
        assert!(Files::read(&base, ".").is_err());
    }
}
