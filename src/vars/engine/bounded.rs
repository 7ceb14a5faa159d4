//! How much a template may be and yield.

use std::io;

use minijinja::Error;

use super::{MAX_TEXT, mistake::wrong};

/// Refuses a text over the limit.
pub(super) fn within(text: &str) -> Result<(), Error> {
    if text.len() > MAX_TEXT {
        return Err(too_long());
    }
    Ok(())
}

/// What is said of a text over the limit.
pub(super) fn too_long() -> Error {
    wrong(format!(
        "a template and what it yields may have {} KiB",
        MAX_TEXT >> 10
    ))
}

/// Takes what a template writes, up to the limit.
#[derive(Default)]
pub(super) struct Bounded(pub Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_TEXT {
            return Err(io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
