//! What a program elsewhere prints, passed on as it comes.

use std::io::{ErrorKind, Write};

use crate::model::{Failure, Redactor};

/// A line that is longer is passed on in parts: it is no text.
const LINE: usize = 1 << 20;

/// Passes on what a command prints, a line at a time, so that a secret in it is known for one.
pub struct Lines<W> {
    redactor: Redactor,
    writer: W,
    begun: Vec<u8>,
}

impl<W: Write> Lines<W> {
    /// What passes on to this, without what the redactor knows for secret.
    pub fn of(redactor: Redactor, writer: W) -> Self {
        Self {
            redactor,
            writer,
            begun: Vec::new(),
        }
    }

    /// Takes a piece of what is printed. Fails when it cannot be passed on.
    pub fn take(&mut self, piece: &[u8]) -> Result<(), Failure> {
        self.begun.extend_from_slice(piece);
        let whole = match self.begun.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => last + 1,
            None if self.begun.len() > LINE => self.begun.len(),
            None => return Ok(()),
        };
        let rest = self.begun.split_off(whole);
        let lines = std::mem::replace(&mut self.begun, rest);
        self.pass(&lines)
    }

    /// Passes on the last line where it has no end. Fails when that cannot be done.
    pub fn rest(&mut self) -> Result<(), Failure> {
        let rest = std::mem::take(&mut self.begun);
        self.pass(&rest)
    }

    /// What is no text is passed on as it is.
    fn pass(&mut self, lines: &[u8]) -> Result<(), Failure> {
        let mut shown = Vec::with_capacity(lines.len());
        for chunk in lines.utf8_chunks() {
            let text = chunk.valid();
            if self.redactor.finds(text) {
                shown.extend_from_slice(self.redactor.text(text).as_bytes());
            } else {
                shown.extend_from_slice(text.as_bytes());
            }
            shown.extend_from_slice(chunk.invalid());
        }
        let written = self
            .writer
            .write_all(&shown)
            .and_then(|()| self.writer.flush());
        match written {
            // A reader that has gone (`| head`) is no failure.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::new(
                "what the command prints cannot be passed on",
                "Its output was to be written.",
            )
            .why(error)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    #[test]
    fn what_is_printed_in_pieces_is_passed_on_whole_and_without_secrets() {
        let redactor = Redactor::default();
        redactor.learn(&[Secret::new("s3cret-value".to_owned())]);
        let mut lines = Lines::of(redactor, Vec::new());
        for piece in [
            &b"one s3cr"[..],
            b"et-value\ntw",
            b"o\n\xffs3cret-value\n\xfe\n\xff\xfe",
            b"end",
        ] {
            lines.take(piece).unwrap();
        }
        lines.rest().unwrap();
        let text = String::from_utf8_lossy(&lines.writer).into_owned();
        assert!(!text.contains("s3cret-value"), "{text}");
        assert!(
            text.starts_with("one ") && text.contains("\ntwo\n"),
            "{text}"
        );
        assert!(lines.writer.ends_with(b"\xff\xfeend"));
    }
}
