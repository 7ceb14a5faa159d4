//! What libraries and our own parts have to say about the run itself, for whoever asks by `LANDFALL_LOG`.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::connect::aws;
use crate::model::Redactor;

/// What to tell unless `LANDFALL_LOG` says otherwise.
const WARNINGS: &str = "landfall=warn";

/// Begins the log, on standard error. What is written passes the redactor, which learns the secrets later.
pub(super) fn begin(redactor: &Redactor) {
    let asked = std::env::var("LANDFALL_LOG").ok();
    tracing_subscriber::fmt()
        .with_env_filter(filter(asked.as_deref()))
        .with_writer(Redacted {
            redactor: redactor.clone(),
            // Who asked for no log is told in the words of the program, not of its parts.
            before: if asked.is_some() { "" } else { "note: " },
        })
        .with_target(asked.is_some())
        .with_level(asked.is_some())
        .without_time()
        .init();
}

/// What is asked for, with those libraries no louder than `debug`.
fn filter(asked: Option<&str>) -> EnvFilter {
    let parsed = asked.and_then(|asked| EnvFilter::try_new(asked).ok());
    let mut filter = parsed.unwrap_or_else(|| EnvFilter::new(WARNINGS));
    let loud = asked.is_some_and(|asked| asked.to_ascii_lowercase().contains("trace"));
    for library in aws::TELL_BODIES.iter().filter(|_| loud) {
        if let Ok(quieter) = format!("{library}=debug").parse() {
            filter = filter.add_directive(quieter);
        }
    }
    filter
}

/// Standard error without secrets. A line comes in one piece.
#[derive(Clone)]
struct Redacted {
    redactor: Redactor,
    before: &'static str,
}

impl Write for Redacted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let shown = self.redactor.text(&String::from_utf8_lossy(bytes));
        let line = format!("{}{}", self.before, shown.trim_start());
        io::stderr().lock().write_all(line.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl MakeWriter<'_> for Redacted {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_not_told_whatever_is_asked() {
        for asked in ["trace", "aws_smithy_runtime=trace", "debug,hyper=TRACE"] {
            let filter = filter(Some(asked)).to_string();
            assert!(filter.contains("aws_smithy_runtime=debug"), "{filter}");
            assert!(filter.contains("hyper=debug"), "{filter}");
        }
        assert_eq!(filter(None).to_string(), WARNINGS);
        assert_eq!(filter(Some("landfall=debug")).to_string(), "landfall=debug");
    }
}
