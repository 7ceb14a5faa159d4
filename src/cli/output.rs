//! Where results are written: looked at before any work is done for them, and written in one step.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::model::Failure;

/// What is written.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// How a command ends that cannot write it.
    summary: &'static str,
    /// What is left undone where that is known beforehand.
    left: &'static str,
}

/// A plan that is saved.
pub const PLAN: Output = Output {
    summary: "the plan cannot be saved",
    left: "No plan was made.",
};

/// Targets that are exported.
pub const EXPORT: Output = Output {
    summary: "the export cannot be written",
    left: "Nothing was read.",
};

/// Host keys that are trusted.
pub const HOST_KEYS: Output = Output {
    summary: "the file of host keys cannot be written",
    left: "Nobody was asked, and no key was trusted.",
};

impl Output {
    /// Whether a file can be written there. Refuses a folder, a device, and a file in a folder that is not there or
    /// takes no file: whoever asked for it would wait for it in vain.
    pub fn file(self, path: &Path) -> Result<(), Failure> {
        let refused = |why: String, help: &str| self.unable(path).why(why).help(help);
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => {
                return Err(refused(
                    format!("{} is a folder.", path.display()),
                    "Name a file in it.",
                ));
            }
            // A file is put in its place, which is another thing than writing into it.
            Ok(there) if !there.is_file() => {
                return Err(refused(
                    format!("{} is a pipe or a device, not a file.", path.display()),
                    "Name a file.",
                ));
            }
            Err(error) if !is_absent(&error) => return Err(self.unable(path).why(error)),
            _ => {}
        }
        self.takes_files(path, folder_of(path))
    }

    /// Whether files can be written into this folder, which need not be there yet.
    pub fn folder(self, folder: &Path) -> Result<(), Failure> {
        let mut there = folder;
        while let Err(error) = fs::metadata(there) {
            match there.parent() {
                Some(above) if is_absent(&error) && above.as_os_str().is_empty() => {
                    there = Path::new(".");
                }
                Some(above) if is_absent(&error) => there = above,
                _ => return Err(self.unable(folder).why(error)),
            }
        }
        self.takes_files(folder, there)
    }

    /// Writes the file in one step, making its folder: a reader sees all of it or what was there before.
    pub fn write(self, path: &Path, text: &str) -> Result<(), Failure> {
        self.write_as(path, text.as_bytes(), 0o600)
    }

    /// The same with these permissions, which the file has from the first byte on.
    pub fn write_as(self, path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
        let failed = |error: io::Error| {
            let failure = Failure::new(self.summary, format!("writing {}", path.display()));
            failure.why(error).left_behind("No file was written.")
        };
        let folder = folder_of(path);
        fs::create_dir_all(folder).map_err(failed)?;
        let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
        let mode = Permissions::from_mode(mode);
        file.as_file().set_permissions(mode).map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    fn takes_files(self, path: &Path, folder: &Path) -> Result<(), Failure> {
        let shown = folder.display();
        let refused = |why: String, help: String| Err(self.unable(path).why(why).help(help));
        match fs::metadata(folder) {
            Err(error) if is_absent(&error) => refused(
                format!("There is no folder {shown}."),
                format!("Make it first (`mkdir -p {shown}`), or name a file in another folder."),
            ),
            Ok(there) if !there.is_dir() => refused(
                format!("{shown} is a file, and no folder."),
                "Name another folder.".to_owned(),
            ),
            // Only by trying is it known: of a file system that is read-only, modes say nothing.
            _ => match NamedTempFile::new_in(folder) {
                Ok(_) => Ok(()),
                Err(error) => refused(
                    format!("The folder {shown} takes no file: {}.", reason(&error)),
                    "Name another folder, or let yourself write into this one.".to_owned(),
                ),
            },
        }
    }

    fn unable(self, path: &Path) -> Failure {
        let what = format!("seeing whether {} can be written", path.display());
        Failure::new(self.summary, what).left_behind(self.left)
    }
}

/// The folder that a file is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Nothing is there, or a file where a folder of the way would be.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// What the system says, without the name of the file that was tried.
fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => error.kind().to_string(),
    }
}
