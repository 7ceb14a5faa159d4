//! Lines inside brackets or quotes that stand as far left as the key they belong to, or further.
//!
//! White space means nothing there, so PyYAML and what CloudFormation reads templates with take them; YAML 1.2, and with it
//! the scanner, wants them further in. The scanner is given a text in which they are, and what it says about that text is
//! told of the text as it was written.

use super::json;

/// A text as the scanner gets it.
pub(super) struct Layout {
    /// What the scanner reads.
    pub text: String,
    /// Where each of its characters stands in the text as it was written, in bytes.
    offsets: Vec<usize>,
    /// The character before which nothing is moved any more.
    moved: usize,
    /// How many bytes may still be read once more, so that no file is read over and over.
    left: usize,
}

/// How much is read again on account of such lines, at the least and for each byte of the file.
const AGAIN: (usize, usize) = (16 << 20, 16);

impl Layout {
    /// The text as it was written, or as YAML has it: the two have the same characters but for some escapes of JSON.
    pub fn new(text: &str) -> Layout {
        Layout {
            text: json::with_long_escapes(text).into_owned(),
            offsets: text.char_indices().map(|(at, _)| at).collect(),
            moved: 0,
            left: AGAIN.0.max(text.len() * AGAIN.1),
        }
    }

    /// Where a character stands in the text as it was written; none behind its end.
    pub fn byte(&self, index: usize) -> Option<usize> {
        self.offsets.get(index).copied()
    }

    /// Whether it was read as often as a file is.
    pub fn is_spent(&self) -> bool {
        self.left < self.text.len()
    }

    /// Moves in the lines of the first brackets or quotes that begin in this stretch of characters; says whether there
    /// were any.
    pub fn move_in(&mut self, from: usize, to: usize) -> bool {
        let characters: Vec<char> = self.text.chars().collect();
        let Some(start) = opener(&characters, from.max(self.moved), to) else {
            return false;
        };
        let Some(end) = closer(&characters, start) else {
            return false;
        };
        let column = characters[..start]
            .iter()
            .rev()
            .take_while(|c| **c != '\n')
            .count();
        let mut text = String::with_capacity(self.text.len());
        let mut offsets = Vec::with_capacity(self.offsets.len());
        let mut moved = false;
        for (at, c) in characters.iter().enumerate() {
            if (start + 1..=end).contains(&at)
                && characters[at - 1] == '\n'
                && may_move(&characters[at..])
            {
                text.extend(std::iter::repeat_n(' ', column));
                offsets.extend(std::iter::repeat_n(self.offsets[at], column));
                moved |= column > 0;
            }
            text.push(*c);
            offsets.push(self.offsets[at]);
        }
        *self = Layout {
            text,
            offsets,
            moved: start + 1,
            left: self.left.saturating_sub(self.text.len()),
        };
        moved
    }
}

/// Whether a line means the same further in: an empty one needs no move, a tab is a mistake where it stands, and the
/// marks of a document end whatever is open.
fn may_move(line: &[char]) -> bool {
    let mark = |mark: char| line.len() >= 3 && line[..3].iter().all(|c| *c == mark);
    !matches!(line.first(), None | Some('\n' | '\r' | '\t')) && !mark('-') && !mark('.')
}

/// The first bracket or quote that begins a value.
fn opener(characters: &[char], from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    while at <= to {
        match characters.get(at)? {
            '[' | '{' | '"' | '\'' if begins(characters, at) => return Some(at),
            '#' if begins(characters, at) => at = line_end(characters, at),
            _ => at += 1,
        }
    }
    None
}

/// Where the brackets or quotes that open here are closed.
fn closer(characters: &[char], start: usize) -> Option<usize> {
    let (mut at, mut depth) = (start, 0);
    loop {
        match characters.get(at)? {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            quote @ ('"' | '\'') if begins(characters, at) => {
                at = quote_end(characters, at, *quote)?;
            }
            '#' if begins(characters, at) => at = line_end(characters, at),
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
        at += 1;
    }
}

/// Whether a quote or a `#` here is more than a character of a plain text.
fn begins(characters: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| characters[before]);
    let ends_another = |c: char| c.is_whitespace() || matches!(c, '[' | '{' | ',' | ':');
    before.is_none_or(ends_another)
}

fn quote_end(characters: &[char], start: usize, quote: char) -> Option<usize> {
    let mut at = start + 1;
    loop {
        let c = *characters.get(at)?;
        let doubled = quote == '\'' && c == quote && characters.get(at + 1) == Some(&quote);
        match c {
            '\\' if quote == '"' => at += 1,
            _ if doubled => at += 1,
            _ if c == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

/// The last character of a line.
fn line_end(characters: &[char], from: usize) -> usize {
    let rest = characters[from..].iter().position(|c| *c == '\n');
    rest.map_or(characters.len(), |rest| from + rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::Source;
    use crate::vars::yaml::{Dialect, read};

    /// Every value is PyYAML's.
    #[test]
    fn lines_in_brackets_or_quotes_may_stand_at_their_key() {
        for (text, value) in [
            (
                "s:\n  - action: [\n    a,\n    b\n    ]\n    e: 1\n",
                json!({"s": [{"action": ["a", "b"], "e": 1}]}),
            ),
            (
                "s:\n  - action: [\n      a\n  ]\n  - [\n  b\n  ]\n",
                json!({"s": [{"action": ["a"]}, ["b"]]}),
            ),
            ("s: [\na: 1,\n# it's\n]\n", json!({"s": [{"a": 1}]})),
            (
                "s:\n  d: {\n  a: 1,\n  b: [\n  c ]\n  }\n",
                json!({"s": {"d": {"a": 1, "b": ["c"]}}}),
            ),
            (
                "s:\n  - d: 'it''s\n    two'\n    e: \"a \\\" b\n\n  c\"\n",
                json!({"s": [{"d": "it's two", "e": "a \" b\nc"}]}),
            ),
            (
                "s:\n  a: [it's,\n  b's ]\n  t: |\n    x [\n    'y\n  k: [\n  1 ]\n",
                json!({"s": {"a": ["it's", "b's"], "t": "x [\n'y\n", "k": [1]}}),
            ),
        ] {
            let node = read(&Source::new("t.yml", text)).unwrap_or_else(|wrong| {
                panic!("{text}: {wrong:?}");
            });
            assert_eq!(node.to_value(Dialect::Ansible).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn what_is_moved_is_told_where_it_was_written() {
        let text = "ä: {\nb: [\nc ]\n}\nd: x\n";
        let node = read(&Source::new("t.yml", text)).unwrap();
        let inner = node.get("ä").unwrap().get("b").unwrap();
        assert_eq!(&text[inner.span.range.clone()], "[\nc ]");
        let item = &inner.items().unwrap()[0];
        assert_eq!(&text[item.span.range.clone()], "c");
        let wrong = read(&Source::new("t.yml", "a: [\nb\n]\nc: x: y\n")).unwrap_err();
        assert_eq!(wrong[0].origin().to_string(), "t.yml:4:5");
    }

    #[test]
    fn what_is_wrong_stays_wrong() {
        for text in [
            "a:\n  b: [\n  c\n",
            "a:\n  b: 'c\n  d\n",
            "a:\n  - b: c\n d: e\n",
            "a: \"b\n--- c\"\n",
        ] {
            assert!(read(&Source::new("t.yml", text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_full_of_such_lines_is_not_read_for_ever() {
        let text = "a:\n".to_owned() + &"- [\n]\n".repeat(20_000);
        let wrong = read(&Source::new("t.yml", text)).unwrap_err();
        assert_eq!(wrong[0].summary, "the file is beyond what is read");
    }
}
