//! The two places where anything leaves the program.

use std::io::{ErrorKind, Write, stderr, stdout};

use crate::model::{Event, Failure, visible::json};

/// Writes a result to standard output, as it is.
///
/// A reader that has gone (`| head`) is no failure: work under way goes on without it. A full disk is one.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::new(
            "the result cannot be written",
            "Standard output was to be written.",
        )
        .why(error)),
        _ => Ok(()),
    }
}

/// Writes a message to standard error, with a line feed. Where nobody listens it is dropped.
pub fn say(text: &str) {
    let mut err = stderr().lock();
    let _ = writeln!(err, "{}", text.trim_end_matches('\n'));
}

/// Shows each event as one line of JSON on standard output.
#[derive(Debug, Default)]
pub struct Json;

impl Json {
    /// Writes one event. Fails as [`print()`] does.
    pub fn show(&self, event: &Event) -> Result<(), Failure> {
        let line = serde_json::to_string(event)
            .map_err(|error| Failure::bug(format!("an event cannot be written: {error}")))?;
        print(&format!("{}\n", json(&line)))
    }
}
