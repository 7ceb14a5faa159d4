//! What a program printed before it failed.

use serde::Serialize;

/// What of one stream comes from a host at the most. What prints more is a command run wild.
pub const COMES: usize = 8 << 20;

/// How much may be lost of a text that is cut, so that nothing that is cut in two is left of it: the half of a secret
/// is known for one by nobody.
const TORN: usize = 64 << 10;

/// Lines of each stream that a message shows, and what of a line is shown at the most.
const LINES: usize = 20;
const LINE: usize = 4000;

/// An exit code and what was said on the way to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Printed {
    /// The exit code.
    pub rc: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Printed {
    /// These streams as text, bytes that are not UTF-8 replaced. One that is longer than [`COMES`] says so at its end.
    pub fn new(rc: i32, stdout: &[u8], stderr: &[u8]) -> Self {
        Self {
            rc,
            stdout: come(stdout),
            stderr: come(stderr),
        }
    }

    /// The same, each stream put through this.
    pub fn map(&self, map: impl Fn(&str) -> String) -> Self {
        Self {
            rc: self.rc,
            stdout: map(&self.stdout),
            stderr: map(&self.stderr),
        }
    }

    /// The last lines of both, where programs say what went wrong; none where nothing was printed.
    pub fn end(&self) -> Option<String> {
        match (self.stderr.trim(), self.stdout.trim()) {
            ("", "") => None,
            ("", said) | (said, "") => Some(last_lines(said)),
            (err, out) => Some(format!(
                "{}\nOn standard output it printed:\n{}",
                last_lines(err),
                last_lines(out)
            )),
        }
    }

    /// Why the program failed, as far as it said: its last lines, else its exit code.
    pub fn why(&self) -> String {
        let ended = || format!("It ended with exit code {}.", self.rc);
        self.end().unwrap_or_else(ended)
    }

    /// Whether there is more than a message shows.
    pub fn is_long(&self) -> bool {
        [&self.stdout, &self.stderr].into_iter().any(|text| {
            let text = text.trim();
            text.lines().count() > LINES || text.lines().any(|line| line.len() > LINE)
        })
    }

    /// The same with at most about so many bytes of each stream, and whether that is all of it. What is left out is said
    /// where it was: behind the first quarter of what stays.
    pub fn within(&self, most: usize) -> (Self, bool) {
        let whole = self.stdout.len().max(self.stderr.len()) <= most;
        (self.map(|text| shortened(text, most)), whole)
    }
}

fn come(stream: &[u8]) -> String {
    if stream.len() <= COMES {
        return String::from_utf8_lossy(stream).into_owned();
    }
    let end = stream[COMES - TORN..COMES]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(COMES - TORN, |at| COMES - TORN + at);
    let mut text = String::from_utf8_lossy(&stream[..end]).into_owned();
    text.push_str("\n… what was printed beyond 8 MiB is not known");
    text
}

/// The end of a long text, and how long it is.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    match lines.len().checked_sub(LINES) {
        None | Some(0) => lines.join("\n"),
        Some(first) => format!(
            "(the last {LINES} of {} lines)\n{}",
            lines.len(),
            lines[first..].join("\n")
        ),
    }
}

/// The text with what is between its first quarter and the rest of so many bytes left out.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let start = text.floor_char_boundary(most / 4);
    let end = text.ceil_char_boundary(text.len() - (most - most / 4));
    format!(
        "{}\n… {} bytes were left out here …\n{}",
        &text[..start],
        end - start,
        &text[end..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_shows_the_last_lines_and_how_many_there_are() {
        let printed = Printed::new(1, b"", b"no\n");
        assert_eq!(printed.end().as_deref(), Some("no"));
        assert!(!printed.is_long());
        let many: String = (1..=1205).map(|number| format!("{number}\n")).collect();
        let printed = Printed::new(1, many.as_bytes(), b"no\n");
        let end = printed.end().unwrap();
        let start = "no\nOn standard output it printed:\n(the last 20 of 1205 lines)\n1186\n";
        assert!(end.starts_with(start) && end.ends_with("1205"), "{end}");
        assert!(printed.is_long());
        assert_eq!(Printed::default().end(), None);
    }

    #[test]
    fn what_is_left_out_is_said_where_it_was() {
        let printed = Printed::new(1, "éa".repeat(50).as_bytes(), b"");
        let (kept, whole) = printed.within(40);
        assert!(!whole);
        assert_eq!(
            kept.stdout,
            "éaéaéa\n… 111 bytes were left out here …\néaéaéaéaéaéaéaéaéaéa"
        );
        assert_eq!(printed.within(150), (printed.clone(), true));
    }

    #[test]
    fn nothing_that_was_cut_in_two_is_left_where_a_host_printed_without_end() {
        let mut stream = vec![b'x'; COMES - 8];
        stream.extend(b"\nhalf of a secret");
        let printed = Printed::new(1, &stream, b"");
        assert!(
            printed
                .stdout
                .ends_with("x\n… what was printed beyond 8 MiB is not known")
        );
        let printed = Printed::new(1, &vec![b'x'; COMES + 1], b"");
        assert!(printed.stdout.len() < COMES);
    }
}
