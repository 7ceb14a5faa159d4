//! Whether others may write where keys and records lie: whoever may decides what the next run believes and does.
//!
//! As sshd looks at its own files (sshd_config(5), `StrictModes`), with Debian's leave for a group that is one user's own.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use nix::unistd::{Gid, Group, Uid, User, geteuid};

const GROUP: u32 = 0o020;
const OTHERS: u32 = 0o002;
/// In a folder with this bit each may only rename and remove what is his (chmod(1), "RESTRICTED DELETION FLAG").
const STICKY: u32 = 0o1000;

/// That others may write something, as sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Who may write what.
    pub why: String,
    /// What to do about it.
    pub help: String,
}

/// Who but its owner and root may write this file, or put something in the place of what is in this folder; none where
/// nobody may, or it is not there. A link is followed, and must itself be nobody else's.
pub fn open_to_others(path: &Path) -> io::Result<Option<Open>> {
    let link = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    if let Some(open) = of_another(path, &link) {
        return Ok(Some(open));
    }
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    if let Some(open) = of_another(path, &found) {
        return Ok(Some(open));
    }
    let mode = found.permissions().mode();
    let shared = found.is_dir() && mode & STICKY != 0;
    let who = if mode & OTHERS != 0 && !shared {
        "everybody"
    } else if mode & GROUP != 0 && !shared && !is_own_group(found.gid(), found.uid()) {
        "its group"
    } else {
        return Ok(None);
    };
    Ok(Some(Open {
        why: format!(
            "{} has the mode {:04o}: {who} on this machine may write there.",
            path.display(),
            mode & 0o7777
        ),
        help: format!(
            "If nobody has changed anything there: `chmod go-w {}`",
            path.display()
        ),
    }))
}

/// Whether it belongs to somebody other than root and whoever runs this. root may work in the folder of a user.
fn of_another(path: &Path, found: &Metadata) -> Option<Open> {
    let (me, owner) = (geteuid(), Uid::from_raw(found.uid()));
    if owner == me || owner.is_root() || me.is_root() && owner_of_folder(path) == Some(owner) {
        return None;
    }
    let name = User::from_uid(owner).ok().flatten().map(|user| user.name);
    let name = name.unwrap_or_else(|| format!("the user {owner}"));
    Some(Open {
        why: format!("{} belongs to {name}.", path.display()),
        help: format!(
            "If it is yours after all: chown {me} {}. Else keep keys and records in a folder of your own (`path` in \
             [backend]).",
            path.display()
        ),
    })
}

fn owner_of_folder(path: &Path) -> Option<Uid> {
    let folder = match path.parent()? {
        folder if folder.as_os_str().is_empty() => Path::new("."),
        folder => folder,
    };
    fs::metadata(folder)
        .ok()
        .map(|found| Uid::from_raw(found.uid()))
}

/// Whether a group is named like the owner and has nobody else, as `adduser` makes one for each user.
fn is_own_group(group: u32, owner: u32) -> bool {
    let group = Group::from_gid(Gid::from_raw(group)).ok().flatten();
    let owner = User::from_uid(Uid::from_raw(owner)).ok().flatten();
    match (group, owner) {
        (Some(group), Some(owner)) => {
            group.name == owner.name && group.mem.iter().all(|member| *member == owner.name)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn who_may_write_is_told_with_the_way_to_end_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records");
        assert_eq!(open_to_others(&path).unwrap(), None);
        fs::create_dir(&path).unwrap();
        for (bits, open) in [
            (0o700, false),
            (0o755, false),
            (0o777, true),
            (0o702, true),
            (0o1777, false),
        ] {
            mode(&path, bits);
            let found = open_to_others(&path).unwrap();
            assert_eq!(found.is_some(), open, "{bits:o}: {found:?}");
            if let Some(found) = found {
                let command = format!("`chmod go-w {}`", path.display());
                assert!(found.help.contains(&command), "{}", found.help);
            }
        }
        // A group that is one's own is oneself.
        mode(&path, 0o770);
        let found = fs::metadata(&path).unwrap();
        let own = is_own_group(found.gid(), found.uid());
        assert_eq!(open_to_others(&path).unwrap().is_none(), own);

        let link = folder.path().join("link");
        symlink(&path, &link).unwrap();
        mode(&path, 0o777);
        assert!(open_to_others(&link).unwrap().is_some());
        fs::remove_dir(&path).unwrap();
        assert_eq!(open_to_others(&link).unwrap(), None);
    }

    #[test]
    fn what_belongs_to_another_is_told() {
        // Only root can give a file away.
        if !geteuid().is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        fs::write(&path, "").unwrap();
        std::os::unix::fs::chown(&path, Some(12345), None).unwrap();
        let open = open_to_others(&path).unwrap().unwrap();
        assert!(open.why.ends_with("belongs to the user 12345."), "{open:?}");
        std::os::unix::fs::chown(folder.path(), Some(12345), None).unwrap();
        assert_eq!(open_to_others(&path).unwrap(), None);
    }
}
