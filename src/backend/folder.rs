//! Records as files in a folder, readable by a person.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::record::{LARGEST, LARGEST_LOG, too_large};
use super::{Condition, Key, Store, Version, WriteError, private_folder};
use crate::model::{Class, Digest, Failure};
use crate::reading;

/// A folder on this machine. Directories are made with mode 0700, files with 0600.
///
/// A record's version is the digest of its bytes. Writers exclude each other by a lock on one file of the folder, held
/// for the moment of comparing and renaming.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
    is_private: Arc<AtomicBool>,
}

/// Writes take milliseconds; who waits this long waits for a stopped process or a broken network file system.
const PATIENCE: Duration = Duration::from_secs(20);

impl Folder {
    /// Records in this folder, which is made with the first write.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            is_private: Arc::default(),
        }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// Runs file work where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, WriteError> + Send + 'static,
    ) -> Result<T, WriteError> {
        let folder = self.clone();
        tokio::task::spawn_blocking(move || work(&folder))
            .await
            .unwrap_or_else(|error| {
                Err(Failure::bug(format!("file work ended early: {error}")).into())
            })
    }

    fn put_now(
        &self,
        key: &Key,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Version, WriteError> {
        let path = self.path(key);
        self.believe(key)?;
        let failed = failed("written", &path);
        let parent = path.parent().unwrap_or(&self.root);
        make_folder(parent).map_err(&failed)?;
        self.make_private(key)?;
        let _locked = self.exclude()?;
        self.compare(key, condition)?;
        write_whole(parent, &path, bytes).map_err(&failed)?;
        Ok(version(bytes))
    }

    fn delete_now(&self, key: &Key, condition: &Condition) -> Result<(), WriteError> {
        let path = self.path(key);
        if !self.root.exists() {
            return match condition {
                Condition::Is(_) => Err(WriteError::Lost),
                _ => Ok(()),
            };
        }
        let _locked = self.exclude()?;
        self.compare(key, condition)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(failed("deleted", &path)(error).into())
            }
            _ => Ok(()),
        }
    }

    /// Fails with [`WriteError::Lost`] when the condition does not hold. Only meaningful while locked.
    fn compare(&self, key: &Key, condition: &Condition) -> Result<(), WriteError> {
        let path = self.path(key);
        let holds = match condition {
            Condition::Any => true,
            Condition::Absent => !path.exists(),
            Condition::Is(expected) => read(&path, LARGEST)
                .map_err(failed("read", &path))?
                .is_some_and(|bytes| version(&bytes) == *expected),
        };
        if holds { Ok(()) } else { Err(WriteError::Lost) }
    }

    /// Refuses records that others may write: what a run believes it made, and takes away, stands in them.
    fn believe(&self, key: &Key) -> Result<(), Failure> {
        let path = self.path(key);
        let within = path.ancestors().take_while(|at| at.starts_with(&self.root));
        let mut within: Vec<&Path> = within.collect();
        within.reverse();
        for at in within {
            let refused = |why: String| {
                Failure::new(
                    "others may write the records",
                    format!("`{}` was to be used.", path.display()),
                )
                .class(Class::Refused)
                .why(why)
                .left_behind("Nothing was changed.")
            };
            match reading::open_to_others(at) {
                Ok(None) => {}
                Ok(Some(open)) => return Err(refused(open.why).help(open.help)),
                Err(error) => return Err(failed("read", at)(error)),
            }
        }
        Ok(())
    }

    /// Keeps what is in the folder to its owner and out of git, before anything is put there: once a process.
    fn make_private(&self, key: &Key) -> Result<(), Failure> {
        if self.is_private.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        let own = key.as_str().split('/').next().unwrap_or_default();
        private_folder::make_private(&self.root, own)
            .map_err(failed("closed to others", &self.root))
    }

    /// Waits until no other process writes into the folder. The lock ends with the file that is given back, also when
    /// the process dies.
    fn exclude(&self) -> Result<File, Failure> {
        let path = self.root.join(".writing");
        let failed = failed("locked", &path);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(&failed)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                Err(TryLockError::WouldBlock) if begun.elapsed() > PATIENCE => {
                    return Err(Failure::new(
                        "the backend's folder is busy",
                        format!(
                            "Another process has kept `{}` locked for {PATIENCE:?}.",
                            path.display()
                        ),
                    )
                    .left_behind("Nothing was written.")
                    .help("Find the process with `fuser` on that file, and continue or end it."));
                }
                Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(2)),
            }
        }
    }
}

#[async_trait]
impl Store for Folder {
    async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, Failure> {
        let (key, path) = (key.clone(), self.path(key));
        self.blocking(move |folder| {
            folder.believe(&key)?;
            let bytes = read(&path, LARGEST).map_err(failed("read", &path))?;
            Ok(bytes.map(|bytes| {
                let version = version(&bytes);
                (bytes, version)
            }))
        })
        .await
        .map_err(never_lost)
    }

    async fn put(
        &self,
        key: &Key,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Version, WriteError> {
        let (key, bytes, condition) = (key.clone(), bytes.to_vec(), condition.clone());
        self.blocking(move |folder| folder.put_now(&key, &bytes, &condition))
            .await
    }

    async fn delete(&self, key: &Key, condition: &Condition) -> Result<(), WriteError> {
        if *condition == Condition::Absent {
            return Ok(());
        }
        let (key, condition) = (key.clone(), condition.clone());
        self.blocking(move |folder| folder.delete_now(&key, &condition))
            .await
    }

    async fn list(&self, below: &Key) -> Result<Vec<Key>, Failure> {
        let below = below.clone();
        self.blocking(move |folder| {
            let top = folder.path(&below);
            let mut keys = Vec::new();
            walk(&top, &below, &mut keys).map_err(failed("listed", &top))?;
            keys.sort();
            Ok(keys)
        })
        .await
        .map_err(never_lost)
    }

    async fn append(&self, log: &Key, _index: u64, piece: &[u8]) -> Result<(), Failure> {
        let (key, path, piece) = (log.clone(), self.path(log), piece.to_vec());
        self.blocking(move |folder| {
            let parent = path.parent().unwrap_or(&folder.root);
            make_folder(parent).map_err(failed("written", &path))?;
            folder.make_private(&key)?;
            append(parent, &path, &piece).map_err(failed("written", &path))?;
            Ok(())
        })
        .await
        .map_err(never_lost)
    }

    async fn read_log(&self, log: &Key) -> Result<Option<Vec<u8>>, Failure> {
        self.read_whole(log).await
    }

    async fn delete_log(&self, log: &Key) -> Result<(), Failure> {
        self.delete(log, &Condition::Any).await.map_err(never_lost)
    }

    fn location(&self, key: &Key) -> String {
        self.path(key).display().to_string()
    }

    async fn read_whole(&self, key: &Key) -> Result<Option<Vec<u8>>, Failure> {
        let path = self.path(key);
        self.blocking(move |_| Ok(read(&path, LARGEST_LOG).map_err(failed("read", &path))?))
            .await
            .map_err(never_lost)
    }
}

fn version(bytes: &[u8]) -> Version {
    Version(Digest::of(bytes).sha256)
}

/// A file that is not larger; its length is looked at before it is read. What is no file may never end.
fn read(path: &Path, largest: u64) -> io::Result<Option<Vec<u8>>> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !found.is_file() {
        return Err(io::Error::other("It is no file."));
    }
    match too_large(found.len(), largest) {
        Some(why) => Err(io::Error::new(ErrorKind::FileTooLarge, why)),
        None => fs::read(path).map(Some),
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes the file hold these bytes in one step. Only one process is here at a time, so a file that an earlier one left
/// half written has this same name and is replaced.
fn write_whole(parent: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let fresh = parent.join(format!(".{name}.new"));
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    // The new name itself is durable only with its directory.
    File::open(parent)?.sync_all()
}

fn append(parent: &Path, path: &Path, piece: &[u8]) -> io::Result<()> {
    let fresh = !path.exists();
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(piece)?;
    file.sync_data()?;
    if fresh {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// Collects the keys of all files; hidden ones are not records.
fn walk(folder: &Path, key: &Key, keys: &mut Vec<Key>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Some(below) = name.to_str().and_then(|name| key.below(name).ok()) else {
            continue;
        };
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &below, keys)?;
        } else {
            keys.push(below);
        }
    }
    Ok(())
}

fn failed(done: &'static str, path: &Path) -> impl Fn(io::Error) -> Failure {
    let path = path.display().to_string();
    move |error| {
        let large = error.kind() == ErrorKind::FileTooLarge;
        let failure = Failure::new(
            "the backend's folder cannot be used",
            format!("`{path}` was to be {done}."),
        )
        .why(error)
        .left_behind("The record is as it was.");
        if large {
            failure.help(
                "Move it away. If it is a record of landfall's, bring a copy of yours back in its place.",
            )
        } else {
            failure
        }
    }
}

fn never_lost(error: WriteError) -> Failure {
    error.or_lost(|| Failure::bug("a write without a condition lost a race"))
}
