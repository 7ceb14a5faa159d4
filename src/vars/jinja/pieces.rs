//! A template's text, cut into what is copied and what is evaluated.

use std::ops::Range;

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// Text, and what stands between `raw` and `endraw`.
    Data,
    /// `{{ … }}`.
    Expression,
    /// `{% … %}`.
    Statement,
    /// `{# … #}`.
    Comment,
}

/// A stretch of the text.
#[derive(Debug)]
pub(super) struct Piece {
    pub kind: PieceKind,
    /// All of it.
    pub range: Range<usize>,
    /// What stands between the delimiters and their `-` or `+`.
    pub inner: Range<usize>,
}

/// Cuts a text; refuses what is opened and not closed.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut data = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find('{') {
        let start = at + found;
        let kind = match text.as_bytes().get(start + 1) {
            Some(b'{') => PieceKind::Expression,
            Some(b'%') => PieceKind::Statement,
            Some(b'#') => PieceKind::Comment,
            _ => {
                at = start + 1;
                continue;
            }
        };
        let signed = matches!(text.as_bytes().get(start + 2), Some(b'-' | b'+'));
        let from = start + 2 + usize::from(signed);
        let close = match kind {
            PieceKind::Comment => text[from.min(text.len())..].find("#}").map(|at| from + at),
            PieceKind::Statement => close(text, from, "%}"),
            _ => close(text, from, "}}"),
        }
        .ok_or_else(|| format!("`{}` is not closed", &text[start..start + 2]))?;
        let signed = close > from && matches!(text.as_bytes()[close - 1], b'-' | b'+');
        let mut piece = Piece {
            kind,
            range: start..close + 2,
            inner: from..close - usize::from(signed),
        };
        if kind == PieceKind::Statement && text[piece.inner.clone()].trim() == "raw" {
            piece.range.end = raw_end(text, piece.range.end)?;
            piece.kind = PieceKind::Data;
        }
        if start > data {
            pieces.push(Piece {
                kind: PieceKind::Data,
                range: data..start,
                inner: data..start,
            });
        }
        at = piece.range.end;
        data = at;
        pieces.push(piece);
    }
    if data < text.len() {
        pieces.push(Piece {
            kind: PieceKind::Data,
            range: data..text.len(),
            inner: data..text.len(),
        });
    }
    Ok(pieces)
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
            None if depth == 0 && text.as_bytes()[at..].starts_with(delimiter.as_bytes()) => {
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

/// Where `{% endraw %}` ends.
fn raw_end(text: &str, from: usize) -> Result<usize, String> {
    let mut at = from;
    while let Some(found) = text[at..].find("{%") {
        let start = at + found;
        let Some(length) = text[start..].find("%}") else {
            break;
        };
        let inner = text[start + 2..start + length].trim_matches(|c: char| "-+".contains(c));
        if inner.trim() == "endraw" {
            return Ok(start + length + 2);
        }
        at = start + 2;
    }
    Err("`{% raw %}` has no `{% endraw %}`".to_owned())
}
