//! The forms of a secret file: any stretch of it may be repeated, cut off anywhere.

use super::forms::{self, LEAST_LINE};

/// Up to this length, that of a login and a few settings, it is looked for whole as well, with its short lines.
const WHOLE: usize = 1 << 10;

/// Up to this length, that of keys, each stretch is looked for in every way of writing: some twenty.
const SHORT: usize = 8 << 10;

/// So much of a longer one is looked for. A service repeats no more of what it was sent, and a search takes a hundred
/// times its bytes.
const LONGEST: usize = 256 << 10;

/// A line is looked for in pieces: of one that is cut off the rest is known as well. Pieces that touch go as one.
const PIECE: usize = 48;

/// Whatever of these bytes may turn up in a text.
pub(super) fn forms(bytes: &[u8]) -> Vec<String> {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let text = String::from_utf8_lossy(bytes);
    let short = bytes.len() <= SHORT;
    let mut found = if bytes.len() <= WHOLE && text.trim().chars().count() >= LEAST_LINE {
        forms::all(&text)
    } else {
        Vec::new()
    };
    // Of what is no text, the stretches that are.
    for line in text.split(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
        for piece in pieces(line.trim()).filter(|piece| says_something(piece)) {
            if short {
                forms::one(piece, &mut found)
            } else {
                found.push(piece.to_owned())
            }
        }
    }
    let mut whole = Vec::new();
    forms::base64(bytes, &mut whole);
    whole.push(hex::encode(bytes));
    whole.push(hex::encode_upper(bytes));
    for encoded in &whole {
        found.extend(
            pieces(encoded)
                .filter(|piece| says_something(piece))
                .map(str::to_owned),
        );
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What is not told from rulers, brackets and the first and last line of a key is no secret.
fn says_something(piece: &str) -> bool {
    piece.chars().count() >= LEAST_LINE
        && !piece.starts_with("-----")
        && piece.chars().any(char::is_alphanumeric)
}

/// Stretches of one length; the last begins earlier, so that it has it as well.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let starts: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
    let count = starts.len();
    let piece = move |from: usize| {
        let end = starts.get(from + PIECE).copied().unwrap_or(line.len());
        starts.get(from).and_then(|start| line.get(*start..end))
    };
    let last = (count > PIECE && !count.is_multiple_of(PIECE)).then(|| count - PIECE);
    let whole = (0..count)
        .step_by(PIECE)
        .filter(move |from| count <= PIECE || from + PIECE <= count);
    whole.chain(last).filter_map(piece)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::*};

    use super::*;
    use crate::model::{Content, Redactor, Secret};

    fn hidden(content: &[u8], shown: &str) -> String {
        let redactor = Redactor::default();
        redactor.learn_content(&Content::secret(content), &[]);
        redactor.text(shown)
    }

    #[test]
    fn pieces_cover_a_line_whatever_its_length() {
        for length in [0, 1, 47, 48, 49, 95, 96, 97, 1000] {
            let line: String = ('a'..='z').cycle().take(length).collect();
            let mut covered = vec![false; length];
            for piece in pieces(&line) {
                let at = piece.as_ptr() as usize - line.as_ptr() as usize;
                covered[at..at + piece.len()].fill(true);
                assert!(piece.len() == PIECE.min(length), "{length}");
            }
            assert!(covered.iter().all(|one| *one), "{length}");
        }
    }

    #[test]
    fn a_file_is_hidden_whole_and_cut_off() {
        let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDJ\nAb==\n-----END KEY-----\n";
        assert_eq!(hidden(key.as_bytes(), key), "(secret)");
        let shown = hidden(key.as_bytes(), &key.replace('\n', " "));
        assert!(!shown.contains("MIIE"), "{shown}");
        let long = "0123456789".repeat(500);
        let shown = hidden(long.as_bytes(), &format!("<{}>", &long[..1000]));
        assert!(shown.len() < 60, "{shown}");
    }

    #[test]
    fn bytes_that_are_no_text_are_hidden_as_they_are_encoded() {
        let bytes: Vec<u8> = (0..=255).rev().cycle().take(3000).collect();
        for shown in [
            BASE64_STANDARD.encode(&bytes),
            BASE64_URL_SAFE.encode(&bytes),
            hex::encode(&bytes),
            hex::encode_upper(&bytes),
        ] {
            let hidden = hidden(&bytes, &shown);
            assert!(hidden.len() < 12, "{hidden}");
        }
    }

    #[test]
    fn a_large_file_is_looked_for_in_reasonable_memory() {
        let line =
            |number: usize| format!("line {number} of a file with {:x} in it\n", number * 7919);
        let large: String = (0..200_000).map(line).collect();
        let shown = hidden(large.as_bytes(), &line(17));
        assert_eq!(shown, "(secret)\n");
    }

    #[test]
    fn what_is_encoded_in_it_is_hidden_by_itself() {
        let redactor = Redactor::default();
        let parts = [Secret::new("pass".to_owned())];
        redactor.learn_content(&Content::secret("x"), &parts);
        assert_eq!(redactor.text("the pass"), "the (secret)");
    }
}
