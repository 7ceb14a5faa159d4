//! What a file will hold, by the changes that are supposed.

use std::path::Path;

use sha1::{Digest as _, Sha1};

use super::file::File;
use crate::model::{
    Content,
    host::Algorithm,
    host_action::{Download, HostAction, WriteFile},
};

/// What will be at a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Will<T> {
    /// What the host says: no change is about it.
    Stay,
    /// This, or nothing.
    Be(Option<T>),
    /// Only the host will be able to tell.
    Tell,
}

/// What a path will hold after these changes; `is_there` says whether something is there now.
pub fn foreseen<'a>(
    files: impl Iterator<Item = File<'a>>,
    path: &Path,
    is_there: bool,
) -> Will<Content> {
    let mut will = Will::Stay;
    for one in files {
        let at = one.path == path;
        match one.action {
            HostAction::Write(WriteFile { content, .. }) if at => {
                will = Will::Be(Some(content.clone()));
            }
            HostAction::Remove { .. } if path.starts_with(one.path) => will = Will::Be(None),
            HostAction::Touch { .. }
                if at && (will == Will::Be(None) || will == Will::Stay && !is_there) =>
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
            HostAction::Link { .. } if path.starts_with(one.path) => will = Will::Tell,
            // The others do nothing to a file, or not to this one.
            HostAction::Write(_)
            | HostAction::Copy(_)
            | HostAction::MakeDirectory { .. }
            | HostAction::Access { .. }
            | HostAction::Link { .. }
            | HostAction::HardLink { .. }
            | HostAction::Touch { .. }
            | HostAction::Remove { .. }
            | HostAction::Download(_)
            | HostAction::Run { .. }
            | HostAction::Apt { .. }
            | HostAction::Reboot { .. }
            | HostAction::Reconnect
            | HostAction::Notify { .. }
            | HostAction::Notified { .. } => {}
        }
    }
    will
}

/// The first bytes of a content.
pub fn head(content: &Content, bytes: u64) -> Content {
    let end = usize::try_from(bytes)
        .unwrap_or(usize::MAX)
        .min(content.bytes().len());
    let head = &content.bytes()[..end];
    if content.is_secret() {
        Content::secret(head)
    } else {
        Content::public(head)
    }
}

/// The digest of a content in hexadecimal digits. None for an algorithm that nothing here computes.
pub fn checksum(content: &Content, algorithm: Algorithm) -> Option<String> {
    match algorithm {
        Algorithm::Sha1 => Some(hex::encode(Sha1::digest(content.bytes()))),
        Algorithm::Sha256 => Some(content.digest().sha256),
        Algorithm::Md5 | Algorithm::Sha224 | Algorithm::Sha384 | Algorithm::Sha512 => None,
    }
}
