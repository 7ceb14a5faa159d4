//! A host's files as a plan foresees them: what stands there now, and what the supposed changes make of it.
//!
//! Without it, two tasks that are about one file would each be decided on the file as it is, and an apply would do what
//! no plan had shown.

use std::path::{Path, PathBuf};

use sha1::{Digest as _, Sha1};

use crate::{
    model::{
        Action, Content,
        host::{Algorithm, FileType, HostAnswer, HostQuery, Stat},
        host_action::{Access, CopyFile, Download, HostAction, WriteFile},
    },
    observe::plain,
};

/// What a file has that is made without a mode, and a folder: as a usual umask leaves them.
const NEW_FILE: u32 = 0o644;
const NEW_FOLDER: u32 = 0o755;

/// What is said of a user or group that no number is known of (POSIX: no user has it).
const NOBODY_KNOWN: u32 = u32::MAX;

/// The supposed changes of files, in order, each with the user who makes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Foreseen(Vec<Supposed>);

#[derive(Debug, Clone)]
struct Supposed {
    path: PathBuf,
    action: HostAction,
    user: String,
}

/// What will be at a path; of a content that no change is about, what the host says.
#[derive(Debug, Clone, PartialEq)]
enum Will<T> {
    Stay,
    Be(Option<T>),
    /// Only the host will be able to tell.
    Tell,
}

impl Foreseen {
    /// Goes on as if `user` had done this.
    pub fn suppose(&mut self, actions: &[Action], user: &str) {
        for action in actions {
            if let Action::Host(action) = action
                && let Some((path, _)) = action.path()
            {
                self.0.push(Supposed {
                    path: plain(path),
                    action: action.clone(),
                    user: user.to_owned(),
                });
            }
        }
    }

    /// Whether nothing was supposed of any file.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the host will answer, of which it says `now`. None where only the host will be able to tell.
    pub fn answer(&self, query: &HostQuery, now: HostAnswer) -> Option<HostAnswer> {
        match (query, now) {
            (HostQuery::Stat { path, follow }, HostAnswer::Stat(now)) => {
                self.stat(&plain(path), *follow, now).map(HostAnswer::Stat)
            }
            (HostQuery::Read { path }, HostAnswer::Read(now)) => {
                self.content(path, now, |content| Some(content.clone()), HostAnswer::Read)
            }
            (HostQuery::Head { path, bytes }, HostAnswer::Read(now)) => self.content(
                path,
                now,
                |content| Some(head(content, *bytes)),
                HostAnswer::Read,
            ),
            (HostQuery::Sha256 { path }, HostAnswer::Sha256(now)) => self.content(
                path,
                now,
                |content| Some(content.digest().sha256),
                HostAnswer::Sha256,
            ),
            (
                HostQuery::Checksum {
                    path, algorithm, ..
                },
                HostAnswer::Checksum(now),
            ) => self.content(
                path,
                now,
                |content| checksum(content, *algorithm),
                HostAnswer::Checksum,
            ),
            (HostQuery::List { path, .. }, now @ HostAnswer::List(_)) => {
                let folder = plain(path);
                let below = |one: &Supposed| one.path != folder && one.path.starts_with(&folder);
                (!self.0.iter().any(below)).then_some(now)
            }
            (_, now) => Some(now),
        }
    }

    /// What will be at a path; none where that is not foreseen.
    fn stat(&self, path: &Path, follow: bool, now: Option<Stat>) -> Option<Option<Stat>> {
        let mut will = Some(now);
        for one in &self.0 {
            let at = one.path == path;
            let through = |linked: bool| {
                let link = matches!(&will, Some(Some(stat)) if stat.kind == FileType::Link);
                link && linked && !follow
            };
            match &one.action {
                HostAction::Write(WriteFile { follow, .. })
                | HostAction::Copy(CopyFile { follow, .. })
                | HostAction::Access { follow, .. }
                | HostAction::Touch { follow, .. }
                    if at && through(*follow) => {}
                HostAction::Write(WriteFile {
                    content, access, ..
                }) if at => {
                    let before = will.flatten().filter(|stat| stat.kind == FileType::File);
                    let mut stat = before.unwrap_or_else(|| one.new(FileType::File, NEW_FILE));
                    stat.size = content.bytes().len() as u64;
                    will = Some(Some(given(stat, access)));
                }
                HostAction::MakeDirectory { access, .. } if one.path.starts_with(path) => {
                    will = will.map(|stat| match stat {
                        Some(stat) if at => Some(given(stat, access)),
                        Some(stat) => Some(stat),
                        None => Some(given(one.new(FileType::Directory, NEW_FOLDER), access)),
                    });
                }
                HostAction::Access { access, .. } if at => {
                    will = will.flatten().map(|stat| Some(given(stat, access)));
                }
                HostAction::Touch { access, .. } if at => {
                    will = will.map(|stat| {
                        let stat = stat.unwrap_or_else(|| one.new(FileType::File, NEW_FILE));
                        Some(given(stat, access))
                    });
                }
                HostAction::Link { target, .. } if at && !follow => {
                    let mut stat = one.new(FileType::Link, 0o777);
                    stat.target = Some(target.clone());
                    will = Some(Some(stat));
                }
                HostAction::Remove { .. } if path.starts_with(&one.path) => will = Some(None),
                HostAction::Copy(_) | HostAction::HardLink { .. } | HostAction::Download(_)
                    if at =>
                {
                    will = None;
                }
                HostAction::Link { .. } if path.starts_with(&one.path) => will = None,
                _ => {}
            }
        }
        will
    }

    /// What is said of the content that a path will have.
    fn content<T>(
        &self,
        path: &str,
        now: Option<T>,
        said: impl Fn(&Content) -> Option<T>,
        answer: impl Fn(Option<T>) -> HostAnswer,
    ) -> Option<HostAnswer> {
        let path = plain(path);
        let mut will = Will::Stay;
        for one in &self.0 {
            let at = one.path == path;
            match &one.action {
                HostAction::Write(WriteFile { content, .. }) if at => {
                    will = Will::Be(Some(content.clone()));
                }
                HostAction::Remove { .. } if path.starts_with(&one.path) => will = Will::Be(None),
                HostAction::Touch { .. }
                    if at && (will == Will::Be(None) || will == Will::Stay && now.is_none()) =>
                {
                    will = Will::Be(Some(Content::public(Vec::new())));
                }
                HostAction::Copy(_)
                | HostAction::HardLink { .. }
                | HostAction::Download(Download { .. })
                    if at =>
                {
                    will = Will::Tell;
                }
                HostAction::Link { .. } if path.starts_with(&one.path) => will = Will::Tell,
                _ => {}
            }
        }
        match will {
            Will::Stay => Some(answer(now)),
            Will::Be(None) => Some(answer(None)),
            Will::Be(Some(content)) => said(&content).map(|said| answer(Some(said))),
            Will::Tell => None,
        }
    }
}

impl Supposed {
    /// Something new of the user who makes it.
    fn new(&self, kind: FileType, mode: u32) -> Stat {
        Stat {
            kind,
            mode,
            uid: number(&self.user),
            gid: number(&self.user),
            owner: self.user.clone(),
            group: self.user.clone(),
            size: 0,
            mtime: 0,
            atime: 0,
            ctime: 0,
            inode: 0,
            links: 1,
            target: None,
        }
    }
}

fn given(mut stat: Stat, access: &Access) -> Stat {
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

fn head(content: &Content, bytes: u64) -> Content {
    let end = usize::try_from(bytes)
        .unwrap_or(usize::MAX)
        .min(content.bytes().len());
    let head = &content.bytes()[..end];
    match content.is_secret() {
        true => Content::secret(head),
        false => Content::public(head),
    }
}

/// None for an algorithm that nothing here computes.
fn checksum(content: &Content, algorithm: Algorithm) -> Option<String> {
    match algorithm {
        Algorithm::Sha1 => Some(hex::encode(Sha1::digest(content.bytes()))),
        Algorithm::Sha256 => Some(content.digest().sha256),
        Algorithm::Md5 | Algorithm::Sha224 | Algorithm::Sha384 | Algorithm::Sha512 => None,
    }
}
