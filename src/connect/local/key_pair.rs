//! An SSH key pair on disk, made by `ssh-keygen`.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
};

use zeroize::Zeroizing;

use super::keygen::{self, derive, public_path};
use super::{halves, ignored};
use crate::connect::leftovers;
use crate::model::local::KeyPair;
use crate::model::private::MEMORY;
use crate::model::{Class, Failure};
use crate::reading;

/// No key is larger: one of 16384 bits has 13 kilobytes.
const LARGEST: u64 = 64 << 10;

/// The public half and the private file's mode. Without a private file the public half alone; none where there is
/// neither.
///
/// Without a `.pub` beside it the public half is derived, which needs a key without a passphrase. Fails when one of the
/// halves is damaged, or they belong to two pairs.
pub(super) async fn read(path: &Path) -> Result<Option<KeyPair>, Failure> {
    ours_alone(path)?;
    let beside = public_path(path);
    let public = half(&beside, path)?;
    if let Some((line, _)) = &public
        && halves::blob(line).is_none()
    {
        return Err(unreadable(path)
            .why(format!("{} holds no public key.", beside.display()))
            .help(
                "Move it away: where the private half is there, the public one is read from it.",
            ));
    }
    let Some((private, mode)) = half(path, path)? else {
        return Ok(public.map(|(public, _)| KeyPair { public, mode: None }));
    };
    let private = Zeroizing::new(private);
    let public = match public {
        Some((public, _)) => {
            // ssh-keygen reads none that others can read; that is refused for what it is.
            if mode & 0o077 == 0 {
                halves::belong(path, &private, &public).await?;
            }
            public
        }
        // As the ssh programs say it, which take no such key.
        None if mode & 0o077 != 0 => {
            return Err(unreadable(path)
                .why(format!(
                    "Others can read its private half: its mode is {mode:04o}."
                ))
                .help(format!(
                    "If nobody has read it: `chmod 600 {}`",
                    path.display()
                )));
        }
        None => derive(path).await?.trim().to_owned(),
    };
    let mode = Some(mode);
    Ok(Some(KeyPair { public, mode }))
}

/// Refuses a pair in a folder of our own that others may write: they could put another pair in its place.
fn ours_alone(path: &Path) -> Result<(), Failure> {
    let folders: Vec<&Path> = path.ancestors().skip(1).collect();
    let own = |folder: &&Path| folder.file_name().is_some_and(|name| name == MEMORY);
    let Some(outermost) = folders.iter().position(own) else {
        return Ok(());
    };
    for folder in &folders[..=outermost] {
        match reading::open_to_others(folder) {
            Ok(None) => {}
            Ok(Some(open)) => {
                return Err(Failure::new(
                    "others may write the folder of keys",
                    format!("using the key pair {}", path.display()),
                )
                .class(Class::Refused)
                .why(open.why)
                .left_behind("Nothing was changed.")
                .help(open.help));
            }
            Err(error) => return Err(unreadable(path).why(error)),
        }
    }
    Ok(())
}

/// One of the two files, without the spaces around its text, and its permission bits; none where it is not there.
fn half(file: &Path, path: &Path) -> Result<Option<(String, u32)>, Failure> {
    let found = match fs::metadata(file) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path).why(error)),
    };
    if !found.is_file() {
        return Err(unreadable(path).why("The path is not a file.").help(
            "Let `file` under [keys.NAME] name a private key, or a path that does not exist yet.",
        ));
    }
    if found.len() > LARGEST {
        return Err(unreadable(path).why(format!(
            "{} has {} bytes: no key has so many.",
            file.display(),
            found.len()
        )));
    }
    let text = fs::read_to_string(file).map_err(|error| unreadable(path).why(error))?;
    let mode = found.permissions().mode() & 0o7777;
    Ok(Some((text.trim().to_owned(), mode)))
}

fn unreadable(path: &Path) -> Failure {
    let what = format!("reading the key pair {}", path.display());
    Failure::new("the key pair cannot be read", what)
}

/// Makes an Ed25519 pair without a passphrase. A pair that is there stays as it is.
///
/// It is made in a folder beside and moved into place, so that a cut leaves no half of a pair under its name.
pub(super) async fn make(path: &Path, comment: &str) -> Result<(), Failure> {
    let what = || format!("making the key pair {}", path.display());
    let failed = |error: io::Error| {
        Failure::new("the key pair cannot be made", what())
            .why(error)
            .left_behind("Nothing was left behind under its name.")
    };
    if path.exists() {
        return Ok(());
    }
    if public_path(path).exists() {
        return Err(failed(io::ErrorKind::AlreadyExists.into()).help(format!(
            "{} is there without its private half: move it away, or put the private half back.",
            public_path(path).display()
        )));
    }
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Err(failed(io::ErrorKind::InvalidInput.into())),
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed)?;
    ignored::keep_out(path).map_err(failed)?;
    // On the same file system as the keys, for links to be made.
    leftovers::remove(folder).await;
    let beside = leftovers::folder(folder).map_err(failed)?;
    let made = beside.path().join("key");
    keygen::run(
        &["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f"],
        &made,
        what(),
    )
    .await?;
    // A hard link never replaces what another run put there meanwhile. The private half goes first: from it alone the
    // public half can be derived.
    fs::hard_link(&made, path).map_err(failed)?;
    fs::hard_link(public_path(&made), public_path(path)).map_err(failed)
}

/// Takes both halves away; what is gone already is fine.
pub(super) async fn remove(path: &Path) -> Result<(), Failure> {
    for half in [path.to_owned(), public_path(path)] {
        match fs::remove_file(&half) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::new(
                    "the key pair cannot be removed",
                    format!("removing {}", half.display()),
                )
                .why(error));
            }
            _ => {}
        }
    }
    Ok(())
}
