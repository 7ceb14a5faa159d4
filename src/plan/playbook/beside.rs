//! Files beside the playbook.

use std::path::Path;

use super::{frame::Frame, walker::Walker};
use crate::{model::Failure, vars::Files};

impl Walker {
    /// A file beside the playbook, looked for as Ansible does: beside the file that names it, then beside the playbook,
    /// each time in the folder that is usual for its kind first.
    pub fn beside(&self, frame: &Frame, kind: &str, name: &str) -> Result<Option<Beside>, Failure> {
        let mut folders = vec![format!("{kind}/"), String::new()];
        if !frame.folder.is_empty() {
            let up = Path::new(&frame.folder)
                .parent()
                .map(|parent| parent.display().to_string())
                .filter(|parent| !parent.is_empty())
                .map(|parent| format!("{parent}/"))
                .unwrap_or_default();
            folders.splice(
                0..0,
                [
                    format!("{}/{kind}/", frame.folder),
                    format!("{up}{kind}/"),
                    format!("{}/", frame.folder),
                ],
            );
        }
        if name.starts_with('/') {
            folders = vec![String::new()];
        }
        for folder in folders {
            let path = format!("{folder}{name}").replace("//", "/");
            if let Some(bytes) = Files::read(&self.walk.playbook.base, &path)? {
                return Ok(Some(Beside { path, bytes }));
            }
        }
        Ok(None)
    }
}

/// A file beside the playbook.
pub(super) struct Beside {
    /// Its path, relative to the playbook's folder.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}
