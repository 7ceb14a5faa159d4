//! The words of an expression.

use std::ops::Range;

use super::Escapes;

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
pub(super) fn tokens(text: &str, escapes: Escapes) -> Result<Vec<(Token, Range<usize>)>, String> {
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
            quoted(rest, c, escapes)?
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

fn quoted(text: &str, quote: char, escapes: Escapes) -> Result<(Token, usize), String> {
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
        if escapes == Escapes::Kept {
            if escaped != quote {
                value.push('\\');
            }
            value.push(escaped);
            continue;
        }
        let length = unescaped(&text[at..], escaped, &mut value)?;
        for _ in 0..length {
            chars.next();
        }
    }
    Err("a quoted text is not closed".to_owned())
}

/// Python's escape that starts with this letter, and how many letters behind it belong to it.
/// <https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences>
fn unescaped(text: &str, escaped: char, value: &mut String) -> Result<usize, String> {
    let (digits, radix) = match escaped {
        'x' => (2, 16),
        'u' => (4, 16),
        'U' => (8, 16),
        '0'..='7' => (0, 8),
        _ => {
            match escaped {
                '\n' => {}
                'a' => value.push('\u{7}'),
                'b' => value.push('\u{8}'),
                'f' => value.push('\u{c}'),
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                'v' => value.push('\u{b}'),
                '\\' | '"' | '\'' => value.push(escaped),
                'N' => {
                    return Err("characters by name, as in `\\N{…}`, are not known here".to_owned());
                }
                _ => value.extend(['\\', escaped]),
            }
            return Ok(0);
        }
    };
    // An octal escape has its first digit before it already.
    let number: String = match radix {
        8 => text.chars().take(3).take_while(|c| c.is_digit(8)).collect(),
        _ => text.chars().skip(1).take(digits).collect(),
    };
    let code = u32::from_str_radix(&number, radix)
        .ok()
        .filter(|_| radix == 8 || number.len() == digits)
        .and_then(char::from_u32)
        .ok_or_else(|| format!("`\\{escaped}{number}` is no character"))?;
    value.push(code);
    Ok(if radix == 8 { number.len() - 1 } else { digits })
}
