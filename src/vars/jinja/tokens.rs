//! The words of an expression.

use std::ops::Range;

use super::Origin;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    /// A number as it was written.
    Number(String),
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
}

/// Longer signs first, so that `==` is not read as `=` twice.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "**", "//", "(", ")", "[", "]", "{", "}", ",", ":", ".", "|", "~", "+",
    "-", "*", "/", "%", "<", ">", "=",
];

/// The words with their places; refuses signs that mean nothing.
pub(super) fn tokens(text: &str, origin: Origin) -> Result<Vec<(Token, Range<usize>)>, String> {
    let mut tokens: Vec<(Token, Range<usize>)> = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let after_dot = matches!(tokens.last(), Some((Token::Sign("."), _)));
        let (token, length) = if c == '"' || c == '\'' {
            quoted(rest, c, origin)?
        } else if c.is_ascii_digit() {
            let length = number(rest, after_dot);
            (Token::Number(rest[..length].to_owned()), length)
        } else if c.is_alphabetic() || c == '_' {
            let length = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            (Token::Name(rest[..length].to_owned()), length)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            return Err(format!("`{c}` means nothing in an expression"));
        };
        tokens.push((token, at..at + length));
        at += length;
    }
    Ok(tokens)
}

/// How long a number is; after a dot it is an index, so that `a.0.b` is a path.
fn number(text: &str, after_dot: bool) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes
            .get(at)
            .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
        {
            at += 1;
        }
        at
    };
    if after_dot || text.starts_with("0x") || text.starts_with("0o") || text.starts_with("0b") {
        return digits(0);
    }
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = digits(end + 1);
    }
    let exponent = text[..end].ends_with(['e', 'E']);
    if exponent && matches!(bytes.get(end), Some(b'+' | b'-')) {
        end = digits(end + 1);
    }
    end
}

fn quoted(text: &str, quote: char, origin: Origin) -> Result<(Token, usize), String> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Ok((Token::Text(value), at + 1));
        }
        if c != '\\' {
            value.push(c);
            continue;
        }
        let Some((at, escaped)) = chars.next() else {
            break;
        };
        match (origin, escaped) {
            (_, c) if c == quote => value.push(c),
            (Origin::Playbook, c) => {
                value.push('\\');
                value.push(c);
            }
            (Origin::File, 'n') => value.push('\n'),
            (Origin::File, 't') => value.push('\t'),
            (Origin::File, 'r') => value.push('\r'),
            (Origin::File, '0') => value.push('\0'),
            (Origin::File, '\\' | '"' | '\'') => value.push(escaped),
            (Origin::File, 'x' | 'u') => {
                let length = if escaped == 'x' { 2 } else { 4 };
                let digits = text.get(at + 1..at + 1 + length).unwrap_or_default();
                let code = u32::from_str_radix(digits, 16)
                    .ok()
                    .and_then(char::from_u32)
                    .ok_or_else(|| format!("`\\{escaped}{digits}` is no character"))?;
                value.push(code);
                for _ in 0..length {
                    chars.next();
                }
            }
            (Origin::File, '\n') => {}
            (Origin::File, c) => {
                value.push('\\');
                value.push(c);
            }
        }
    }
    Err("a quoted text is not closed".to_owned())
}
