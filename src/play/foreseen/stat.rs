//! What will be at a path, made or changed by what is supposed.

use crate::model::{
    host::{FileType, Stat},
    host_action::Access,
};

/// What a file has that is made without a mode, and a folder: as a usual umask leaves them.
pub const NEW_FILE: u32 = 0o644;
pub const NEW_FOLDER: u32 = 0o755;

/// What is said of a user or group that no number is known of (POSIX: no user has it).
const NOBODY_KNOWN: u32 = u32::MAX;

/// Something new of the user who makes it.
pub fn made(user: &str, kind: FileType, mode: u32) -> Stat {
    Stat {
        kind,
        mode,
        uid: number(user),
        gid: number(user),
        owner: user.to_owned(),
        group: user.to_owned(),
        size: 0,
        mtime: 0,
        atime: 0,
        ctime: 0,
        inode: 0,
        links: 1,
        target: None,
        permitted: None,
    }
}

/// The same in the hands of others, or with another mode.
pub fn given(mut stat: Stat, access: &Access) -> Stat {
    if let Some(owner) = &access.owner {
        stat.uid = number(owner);
        stat.owner.clone_from(owner);
    }
    if let Some(group) = &access.group {
        stat.gid = number(group);
        stat.group.clone_from(group);
    }
    if let Some(mode) = access.mode {
        stat.mode = mode;
    }
    stat
}

fn number(name: &str) -> u32 {
    match name {
        "root" => 0,
        name => name.parse().unwrap_or(NOBODY_KNOWN),
    }
}
