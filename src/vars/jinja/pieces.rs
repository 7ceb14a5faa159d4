//! A template's text, cut into what is copied and what is evaluated.
//!
//! What tags take of the text around them is cut off here, as Jinja's own lexer does it: `-` takes all blanks, a block
//! the line break after it, and with `lstrip_blocks` the blanks before it on its line.
//! <https://jinja.palletsprojects.com/en/stable/templates/#whitespace-control>

use std::ops::Range;

use crate::vars::{Delimiters, Style};

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// Text, and what stands between `raw` and `endraw`.
    Data,
    /// `{{ … }}`.
    Expression,
    /// `{% … %}`.
    Statement,
}

/// A stretch of the text: what is copied, or what stands between the delimiters and their `-` or `+`.
#[derive(Debug)]
pub(super) struct Piece {
    pub kind: PieceKind,
    pub inner: Range<usize>,
}

/// Cuts a text; refuses what is opened and not closed. Comments are left out.
pub(super) fn pieces(text: &str, style: &Style) -> Result<Vec<Piece>, String> {
    let mut cutter = Cutter {
        text,
        style,
        pieces: Vec::new(),
        at: 0,
        found: [&style.comment, &style.block, &style.variable].map(|tag| text.find(&tag.start)),
    };
    while cutter.next()? {}
    Ok(cutter.pieces)
}

/// The kinds of tags.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Variable,
    Block,
    Comment,
}

struct Cutter<'a> {
    text: &'a str,
    style: &'a Style,
    pieces: Vec<Piece>,
    /// Where the text that is copied next starts.
    at: usize,
    /// Where a comment, a block and a variable start next; none where none does.
    found: [Option<usize>; 3],
}

impl<'a> Cutter<'a> {
    /// Cuts the next tag and the text before it; false at the end.
    fn next(&mut self) -> Result<bool, String> {
        let Some((start, tag, delimiters)) = self.opening() else {
            self.data(self.at..self.text.len());
            return Ok(false);
        };
        let from = start + delimiters.start.len();
        let sign = sign(self.text, from);
        let from = from + sign.len();
        let before = self.before(self.at..start, sign, tag);
        self.data(before);
        let close = match tag {
            Tag::Comment => self.text[from..].find(&delimiters.end).map(|at| from + at),
            Tag::Variable | Tag::Block => close(self.text, from, &delimiters.end),
        }
        .ok_or_else(|| format!("`{}` is not closed", delimiters.start))?;
        let mut inner = from..close;
        let last = match self.text[inner.clone()].chars().next_back() {
            Some(sign @ ('-' | '+')) => {
                inner.end -= 1;
                Some(sign)
            }
            _ => None,
        };
        let end = close + delimiters.end.len();
        match tag {
            Tag::Variable => {
                self.push(PieceKind::Expression, inner);
                self.at = self.after(end, last, false);
            }
            Tag::Block if self.text[inner.clone()].trim() == "raw" => {
                // The line break after `raw` is part of what stands there.
                self.at = self.after(end, last, false);
                self.raw()?;
            }
            Tag::Block => {
                self.push(PieceKind::Statement, inner);
                self.at = self.after(end, last, true);
            }
            Tag::Comment => self.at = self.after(end, last, true),
        }
        Ok(true)
    }

    /// The next tag that opens; where two start at one place, the longer one.
    fn opening(&mut self) -> Option<(usize, Tag, &'a Delimiters)> {
        let style: &'a Style = self.style;
        let tags = [
            (Tag::Comment, &style.comment),
            (Tag::Block, &style.block),
            (Tag::Variable, &style.variable),
        ];
        // What was found is looked for again only behind it, so that a long text is searched once.
        for ((_, delimiters), found) in tags.iter().zip(&mut self.found) {
            if found.is_some_and(|found| found < self.at) {
                let rest = &self.text[self.at..];
                *found = rest.find(&delimiters.start).map(|at| self.at + at);
            }
        }
        tags.into_iter()
            .zip(self.found)
            .filter_map(|((tag, delimiters), found)| Some((found?, tag, delimiters)))
            .min_by_key(|(start, _, delimiters)| {
                (*start, std::cmp::Reverse(delimiters.start.len()))
            })
    }

    /// What is left of the text before a tag.
    fn before(&self, range: Range<usize>, sign: &str, tag: Tag) -> Range<usize> {
        let data = &self.text[range.clone()];
        let kept = match sign {
            "-" => data.trim_end().len(),
            "" if self.style.lstrip_blocks && tag != Tag::Variable => {
                let line = data.rfind('\n').map_or(0, |at| at + 1);
                let starts =
                    line > 0 || range.start == 0 || self.text[..range.start].ends_with('\n');
                if starts && data[line..].trim_end().is_empty() {
                    line
                } else {
                    data.len()
                }
            }
            _ => data.len(),
        };
        range.start..range.start + kept
    }

    /// Where the text after a tag goes on.
    fn after(&self, end: usize, sign: Option<char>, block: bool) -> usize {
        let rest = &self.text[end..];
        match sign {
            Some('-') => self.text.len() - rest.trim_start().len(),
            None if block && self.style.trim_blocks && rest.starts_with('\n') => end + 1,
            _ => end,
        }
    }

    /// Copies what stands up to `{% endraw %}`.
    fn raw(&mut self) -> Result<(), String> {
        let block = &self.style.block;
        let mut from = self.at;
        while let Some(found) = self.text[from..].find(&block.start) {
            let start = from + found;
            from = start + block.start.len();
            let first = sign(self.text, from);
            let rest = self.text[from + first.len()..].trim_start();
            let Some(rest) = rest.strip_prefix("endraw") else {
                continue;
            };
            let rest = rest.trim_start();
            let last = rest.chars().next().filter(|c| matches!(c, '-' | '+'));
            let rest = &rest[last.map_or(0, char::len_utf8)..];
            let Some(rest) = rest.strip_prefix(block.end.as_str()) else {
                continue;
            };
            let kept = self.before(self.at..start, first, Tag::Block);
            self.data(kept);
            self.at = self.after(self.text.len() - rest.len(), last, true);
            return Ok(());
        }
        Err("`raw` has no `endraw`".to_owned())
    }

    fn data(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.push(PieceKind::Data, range);
        }
    }

    fn push(&mut self, kind: PieceKind, inner: Range<usize>) {
        self.pieces.push(Piece { kind, inner });
    }
}

/// The `-` or `+` behind a tag's start.
fn sign(text: &str, at: usize) -> &str {
    match text.as_bytes().get(at) {
        Some(b'-' | b'+') => &text[at..=at],
        _ => "",
    }
}

/// Where the closing delimiter stands, outside quotes and brackets.
fn close(text: &str, from: usize, delimiter: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut quote = None;
    let mut depth = 0_usize;
    let mut at = from;
    while at < bytes.len() {
        let byte = bytes[at];
        match quote {
            Some(open) => match byte {
                b'\\' => at += 1,
                _ if byte == open => quote = None,
                _ => {}
            },
            None if depth == 0 && bytes[at..].starts_with(delimiter.as_bytes()) => {
                return Some(at);
            }
            None => match byte {
                b'"' | b'\'' => quote = Some(byte),
                b'{' | b'[' | b'(' => depth += 1,
                b'}' | b']' | b')' => depth = depth.saturating_sub(1),
                _ => {}
            },
        }
        at += 1;
    }
    None
}
