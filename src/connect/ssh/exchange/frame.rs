//! How questions and actions travel: one request with all of them, one answer between marks for each.

use super::call::Call;
use crate::model::{COMES, Failure};

/// What one answer may hold on one stream. A longer one is a command run wild or a file that is no setting.
pub const LIMIT: usize = COMES;

/// What a mark of ours may hold behind its nonce: an index and an exit code, or a line that a program printed.
const MARK: usize = 4096;

/// The head of a request: the line with nonce and size, and the text. The calls' own bytes follow it, in order.
pub fn request(nonce: &str, calls: &[Call]) -> Result<String, Failure> {
    let mut text = String::new();
    for (index, call) in calls.iter().enumerate() {
        text.push_str(&call.text(index)?);
    }
    Ok(format!("{nonce} {}\n{text}", text.len()))
}

/// What came back for one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The exit code.
    pub rc: i32,
    /// Standard output.
    pub out: Vec<u8>,
    /// Standard error, without words of our own.
    pub err: Vec<u8>,
    /// Why the host's side of the program refused.
    pub refused: Option<String>,
    /// Whether more came than [`LIMIT`], and was thrown away.
    pub cropped: bool,
}

/// Reads one stream of answers as it arrives.
#[derive(Debug)]
pub struct Reader {
    nonce: Vec<u8>,
    pending: Vec<u8>,
    scanned: usize,
    inside: bool,
    cropped: bool,
    wanted: usize,
    /// What came before the first mark: a login message, a complaint of sudo.
    pub before: Vec<u8>,
    /// The answers so far: bytes, exit code, and whether bytes were thrown away.
    pub parts: Vec<(Vec<u8>, i32, bool)>,
    /// Lines that programs at work print, not yet told.
    pub told: Vec<String>,
    /// How many bytes came within answers, and how many elsewhere.
    pub inner: usize,
    pub outer: usize,
}

impl Reader {
    /// A reader for the answers to so many calls.
    pub fn new(nonce: &str, wanted: usize) -> Self {
        Self {
            nonce: nonce.as_bytes().to_vec(),
            pending: Vec::new(),
            scanned: 0,
            inside: false,
            cropped: false,
            wanted,
            before: Vec::new(),
            parts: Vec::new(),
            told: Vec::new(),
            inner: 0,
            outer: 0,
        }
    }

    /// Whether every answer is there.
    pub fn done(&self) -> bool {
        self.parts.len() == self.wanted
    }

    /// Whether an answer has begun that is longer than it may be.
    pub fn cropping(&self) -> bool {
        self.cropped
    }

    /// Whether the first answer has begun.
    pub fn begun(&self) -> bool {
        self.inside || !self.parts.is_empty()
    }

    /// What came and is no answer yet, as text.
    pub fn text(&self) -> String {
        let said = if self.begun() {
            &self.before
        } else {
            &self.pending
        };
        String::from_utf8_lossy(said).into_owned()
    }

    /// Takes what arrived. True when it was a sign of life: part of an answer, or a mark of ours.
    pub fn feed(&mut self, bytes: &[u8]) -> bool {
        let mut alive = self.inside;
        self.pending.extend_from_slice(bytes);
        while !self.done() && self.advance() {
            alive = true;
        }
        if self.inside {
            self.inner += bytes.len()
        } else {
            self.outer += bytes.len()
        }
        if alive && !self.inside {
            // What came with the end of an answer was mostly that.
            self.outer -= bytes.len();
        }
        let limit = if self.inside { LIMIT } else { 1 << 16 };
        if self.pending.len() > limit + (1 << 16) {
            // The last bytes may be the beginning of a mark.
            self.cropped |= self.inside;
            let keep_from = self.pending.len() - 2 * MARK;
            self.pending.drain(limit..keep_from);
            self.scanned = limit;
        }
        alive
    }

    /// Looks for the next mark; false when more bytes are needed.
    fn advance(&mut self) -> bool {
        let own = [b"\n", self.nonce.as_slice()].concat();
        loop {
            let Some(at) = find(&self.pending[self.scanned..], &own).map(|at| at + self.scanned)
            else {
                self.scanned = self.pending.len().saturating_sub(own.len());
                return false;
            };
            self.scanned = at;
            let rest = &self.pending[at + own.len()..];
            let Some(end) = rest.iter().take(MARK).position(|&byte| byte == b'\n') else {
                if rest.len() < MARK {
                    return false;
                }
                self.scanned = at + 1;
                continue;
            };
            let mark = String::from_utf8_lossy(&rest[..end]).into_owned();
            let after = at + own.len() + end + 1;
            if let Some(line) = mark.strip_prefix("~ ") {
                // It stands between any two bytes, also those of another mark.
                self.pending.drain(at..after);
                if !line.is_empty() {
                    self.told.push(line.to_owned());
                }
                return true;
            }
            let sign = if self.inside { "> " } else { "< " };
            let index = self.parts.len().to_string();
            let Some(rc) = mark
                .strip_prefix(sign)
                .and_then(|mark| mark.strip_prefix(&index))
            else {
                self.scanned = at + 1;
                continue;
            };
            let rc = rc.trim().parse().unwrap_or(-1);
            let mut taken: Vec<u8> = self.pending.drain(..after).collect();
            taken.truncate(at);
            self.scanned = 0;
            if self.inside {
                let cropped = std::mem::take(&mut self.cropped) || taken.len() > LIMIT;
                self.parts.push((taken, rc, cropped));
            } else if self.parts.is_empty() {
                self.before = taken;
            }
            self.inside = !self.inside;
            return true;
        }
    }

    /// Ends the reading early: what is there and is no answer counts as having come before.
    pub fn cut(&mut self) {
        if self.parts.is_empty() && !self.inside {
            self.before = std::mem::take(&mut self.pending);
        }
    }
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(next) = hay[from..].iter().position(|&byte| byte == needle[0]) {
        if hay[from + next..].starts_with(needle) {
            return Some(from + next);
        }
        from += next + 1;
    }
    None
}

/// Puts the two streams' answers together.
pub fn replies(nonce: &str, out: Reader, err: Reader) -> Vec<Reply> {
    let own = [nonce, "= "].concat().into_bytes();
    out.parts
        .into_iter()
        .zip(err.parts)
        .map(|((out, rc, cropped), (mut err, _, more))| {
            let refused = find(&err, &own).map(|at| {
                let words = String::from_utf8_lossy(&err[at + own.len()..]).into_owned();
                err.truncate(at);
                words
            });
            Reply {
                rc,
                out,
                err,
                refused,
                cropped: cropped || more,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Content;

    fn read(stream: &[u8], wanted: usize, chunk: usize) -> Reader {
        let mut reader = Reader::new("N1", wanted);
        for bytes in stream.chunks(chunk) {
            reader.feed(bytes);
        }
        reader
    }

    #[test]
    fn answers_are_found_however_they_arrive() {
        let stream =
            b"Welcome!\n\nN1< 0\na\n\nN1> 0 0\n\nN1< 1\n\0\xff\n N1> 1 3\n\nN1> 1 44\nleft";
        for chunk in 1..stream.len() {
            let reader = read(stream, 2, chunk);
            assert!(reader.done());
            assert_eq!(reader.before, b"Welcome!\n");
            assert_eq!(reader.parts[0], (b"a\n".to_vec(), 0, false));
            assert_eq!(reader.parts[1], (b"\0\xff\n N1> 1 3\n".to_vec(), 44, false));
        }
    }

    #[test]
    fn a_sign_of_life_is_no_part_of_the_answer_around_it() {
        let stream =
            b"hello\nN1~ \n\nN1< 0\nab\nN1~ Unpacking x (1.0) ...\nc\nN1~ no more\n\nN1> 0 0\n";
        for chunk in 1..stream.len() {
            let reader = read(stream, 1, chunk);
            assert_eq!(reader.before, b"hello");
            assert_eq!(reader.parts, [(b"abc".to_vec(), 0, false)]);
            assert_eq!(reader.told, ["Unpacking x (1.0) ...", "no more"]);
        }
    }

    #[test]
    fn what_only_looks_like_a_mark_stays_in_the_answer_and_takes_no_more_room() {
        let mut stream = b"\nN1< 0\n\nN1> 7 0\n\nN1> ".to_vec();
        stream.extend(std::iter::repeat_n(b'0', 4 * LIMIT));
        let mut reader = read(&stream, 1, 1 << 16);
        assert!(!reader.done() && reader.pending.capacity() < 4 * LIMIT);
        reader.feed(b"\nN1> 0 0\n");
        assert!(reader.done() && reader.parts[0].0.starts_with(b"\nN1> 7 0\n\nN1> 000"));
    }

    #[test]
    fn an_endless_answer_is_cropped_and_its_end_still_found() {
        let mut stream = b"\nN1< 0\n".to_vec();
        stream.extend(std::iter::repeat_n(b'x', 2 * LIMIT));
        stream.extend(b"\nN1> 0 7\n");
        let reader = read(&stream, 1, 30_000);
        assert!(reader.done());
        let (bytes, rc, cropped) = &reader.parts[0];
        assert!(*cropped && *rc == 7 && bytes.len() < LIMIT + (1 << 17));
    }

    #[test]
    fn words_of_our_own_are_told_from_a_programs() {
        let mut out = Reader::new("N1", 1);
        out.feed(b"\nN1< 0\n\nN1> 0 1\n");
        let mut err = Reader::new("N1", 1);
        err.feed(b"\nN1< 0\nnoise\nN1= it is a folder\nN1> 0 1\n");
        let replies = replies("N1", out, err);
        assert_eq!(replies[0].refused.as_deref(), Some("it is a folder"));
        assert_eq!(replies[0].err, b"noise\n");
    }

    #[test]
    fn a_request_names_its_size_in_bytes() {
        let calls = [Call::new("lf_read")
            .word("/é")
            .content(Some(Content::public("xyz")))];
        let text = "lf_item 0 3 'lf_read' '/é'\n";
        assert_eq!(
            request("N1", &calls).unwrap(),
            format!("N1 {}\n{text}", text.len())
        );
    }
}
