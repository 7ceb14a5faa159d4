//! How files of the user's are read: never more than they may have, never what is no file, and what is to be believed not
//! where others may write.

mod alone;

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::OFlag;

pub use alone::{Open, open_to_others};

/// What a person writes by hand (an environment, settings, parameters) and what logins and keys are kept in: the
/// longest that were seen have some tens of kilobytes.
pub const WRITTEN: u64 = 1 << 20;

/// Templates and playbooks: no longer than what the reader of YAML takes.
pub const SOURCE: u64 = 4 << 20;

/// What a program made, and is only handed on: a file that is copied to a host, or stored as a secret.
pub const MADE: u64 = 64 << 20;

/// The bytes of a file of at most so many. Refuses a folder, a pipe and a device before it waits for one.
pub fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let (file, data) = open(path)?;
    let too_long = || {
        let why = format!("it is longer than {}", size(most));
        io::Error::new(ErrorKind::FileTooLarge, why)
    };
    if data.len() > most {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(data.len()).unwrap_or_default());
    // It may grow while it is read, and those of /proc tell no length.
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        Err(too_long())
    } else {
        Ok(bytes)
    }
}

/// The text of a file of at most so many bytes. A mark of byte order, which editors of Windows put first, is no text.
pub fn text(path: &Path, most: u64) -> io::Result<String> {
    let bytes = bytes(path, most)?;
    let wrong = |why: &str| io::Error::new(ErrorKind::InvalidData, why);
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(wrong("it is text in UTF-16: save it as UTF-8"));
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not text in UTF-8"))?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// Whether there is such a file and it may be read.
pub fn check(path: &Path) -> io::Result<()> {
    open(path).map(|_| ())
}

fn open(path: &Path) -> io::Result<(File, Metadata)> {
    // Without this the opening of a pipe waits until somebody writes into it.
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(OFlag::O_NONBLOCK.bits());
    let file = options.open(path)?;
    let data = file.metadata()?;
    if data.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder"));
    }
    if !data.is_file() {
        let why = "it is a pipe or a device, not a file";
        return Err(io::Error::new(ErrorKind::InvalidInput, why));
    }
    Ok((file, data))
}

fn size(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{} KiB", bytes >> 10),
        mib => format!("{mib} MiB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_no_file_or_too_long_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        nix::unistd::mkfifo(&path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        fs::write(path("long"), "12345").unwrap();
        let refused = |path: &Path| bytes(path, 4).unwrap_err().to_string();
        assert!(refused(&path("pipe")).contains("a pipe or a device"));
        assert!(refused(Path::new("/dev/zero")).contains("a pipe or a device"));
        assert!(refused(folder.path()).contains("a folder"));
        assert!(refused(&path("long")).contains("longer than"));
        // A file of /proc tells no length of its own.
        assert!(refused(Path::new("/proc/self/status")).contains("longer than"));
        assert_eq!(bytes(&path("long"), 5).unwrap(), b"12345");
    }

    #[test]
    fn a_mark_of_byte_order_is_no_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text");
        for (written, read) in [
            (&b"\xef\xbb\xbfa = 1"[..], Ok("a = 1")),
            (b"a = 1", Ok("a = 1")),
            (b"\xff\xfea\0", Err("UTF-16")),
            (b"\xe9", Err("not text in UTF-8")),
        ] {
            fs::write(&path, written).unwrap();
            match (text(&path, WRITTEN), read) {
                (Ok(text), Ok(wanted)) => assert_eq!(text, wanted),
                (Err(error), Err(wanted)) => assert!(error.to_string().contains(wanted)),
                (got, _) => panic!("{got:?}"),
            }
        }
    }
}
