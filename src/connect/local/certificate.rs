//! A certificate and its private key on disk.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use jiff::Timestamp;

use super::ignored;
use crate::certificate::{self, Chain, Fault};
use crate::connect::leftovers;
use crate::model::local::{CertificateFault, CertificateFiles};
use crate::model::{Content, Failure};
use crate::reading;

/// The two files, read and judged for these names; none where neither is there.
///
/// What is wrong with what they hold is part of the answer. Fails when one of them cannot be read.
pub(super) fn read(
    chain: &Path,
    key: &Path,
    domains: &[String],
) -> Result<Option<CertificateFiles>, Failure> {
    let (chain_bytes, key_bytes) = (file(chain)?, file(key)?);
    let at = Timestamp::now();
    if chain_bytes.is_none() && key_bytes.is_none() {
        return Ok(None);
    }
    let absent = |path: &Path| CertificateFault {
        why: format!("There is no {}.", path.display()),
        help: "put the missing file there".to_owned(),
    };
    let mut faults = Vec::new();
    faults.extend(chain_bytes.is_none().then(|| absent(chain)));
    faults.extend(key_bytes.is_none().then(|| absent(key)));
    let key_mode = match &key_bytes {
        Some(_) => Some(mode(key)?),
        None => None,
    };
    let (chain_bytes, key_bytes) = (
        chain_bytes.unwrap_or_default(),
        key_bytes.unwrap_or_default(),
    );
    let mut leaf = None;
    if faults.is_empty() {
        match Chain::from_pem(&chain_bytes) {
            Ok(read) => {
                leaf = read.leaf().cloned();
                let found = certificate::faults(&read, &key_bytes, domains, at);
                faults.extend(found.into_iter().map(told));
            }
            Err(why) => faults.push(CertificateFault {
                why: format!("{}: {why}", chain.display()),
                help: "give a PEM file of certificates alone, the host's own first".to_owned(),
            }),
        }
    }
    Ok(Some(CertificateFiles {
        leaf,
        chain: Content::public(chain_bytes),
        key: Content::secret(key_bytes),
        key_mode,
        faults,
        at,
    }))
}

fn told(fault: Fault) -> CertificateFault {
    CertificateFault {
        why: fault.why,
        help: fault.help.to_owned(),
    }
}

fn file(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match reading::bytes(path, reading::WRITTEN) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn mode(path: &Path) -> Result<u32, Failure> {
    let found = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    Ok(found.permissions().mode() & 0o7777)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        "a certificate's file cannot be read",
        format!("reading {}", path.display()),
    )
    .why(error)
    .left_behind("Nothing was copied to any host.")
}

/// Makes a certificate that signs itself, over one that is there. Both files appear whole, the key first: one that is cut in
/// between is found to fit no longer, and made anew.
pub(super) fn make(chain: &Path, key: &Path, domains: &[String], days: u16) -> Result<(), Failure> {
    let failed = |why: String| {
        Failure::new(
            "the certificate cannot be made",
            format!("making {}", chain.display()),
        )
        .why(why)
    };
    let pair = certificate::make(domains, days, Timestamp::now()).map_err(failed)?;
    let broken = |error: io::Error| failed(error.to_string());
    for path in [chain, key] {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut builder = DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(broken)?;
    }
    ignored::keep_out(key).map_err(broken)?;
    put(key, pair.key.expose().as_bytes(), 0o600).map_err(broken)?;
    put(chain, pair.chain.as_bytes(), 0o644).map_err(broken)
}

/// Writes the file beside its place and moves it there.
fn put(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let beside = leftovers::folder(folder)?;
    let made = beside.path().join("made");
    let mut options = OpenOptions::new();
    let mut file = options
        .create_new(true)
        .write(true)
        .mode(mode)
        .open(&made)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&made, path)
}

/// Takes both files away; what is gone already is fine.
pub(super) fn remove(chain: &Path, key: &Path) -> Result<(), Failure> {
    for path in [chain, key] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::new(
                    "the certificate cannot be removed",
                    format!("removing {}", path.display()),
                )
                .why(error));
            }
            _ => {}
        }
    }
    Ok(())
}
