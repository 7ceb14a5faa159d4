//! The host keys of a target's record, as ssh compares them.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::connect::leftovers;
use crate::model::{Failure, Target};
use crate::register::{self, Selection};

/// A file with the host keys of one record and no others, which goes when this is dropped.
pub struct HostKeys {
    /// The file.
    pub file: PathBuf,
    _folder: TempDir,
}

impl HostKeys {
    /// Those of this target. Fails when there is no room for the file.
    pub fn of(target: &Target) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::new(
                "the host keys cannot be written",
                format!("entering the host of `{}`", target.name),
            )
            .why(error)
            .help("Set TMPDIR to a folder that can be written.")
        };
        let format = register::format("known_hosts")
            .ok_or_else(|| Failure::bug("host keys have no form to be written in"))?;
        // No file of the project is named in it.
        let keys = register::export(&Selection::one(target, Path::new("")), format)?;
        let folder = leftovers::folder(&std::env::temp_dir()).map_err(failed)?;
        let file = folder.path().join("known_hosts");
        std::fs::write(&file, keys).map_err(failed)?;
        Ok(Self {
            file,
            _folder: folder,
        })
    }
}
