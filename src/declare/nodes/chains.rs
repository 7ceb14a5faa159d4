//! Names and their attributes in a template, with the place of each: `hosts['web-1'].address`.

use std::ops::Range;

/// A name with the constant attributes and subscripts behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The name, then each attribute.
    pub parts: Vec<String>,
    /// Where all of it stands in the text, in bytes.
    pub range: Range<usize>,
}

/// Every chain inside the `{{ … }}` and `{% … %}` of a text. Filters, attributes of calls and texts in quotes are none.
pub fn chains(text: &str) -> Vec<Chain> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((start, close)) = opening(text, at) {
        at = inside(text, start, close, &mut found);
    }
    found
}

/// The end of the next opening delimiter, and its closing one.
fn opening(text: &str, from: usize) -> Option<(usize, &'static str)> {
    let rest = text.get(from..)?;
    [("{{", "}}"), ("{%", "%}"), ("{#", "#}")]
        .into_iter()
        .filter_map(|(open, close)| Some((rest.find(open)?, close)))
        .min_by_key(|(offset, _)| *offset)
        .map(|(offset, close)| (from + offset + 2, close))
}

/// Collects what stands before `close`, and gives the offset behind it.
fn inside(text: &str, start: usize, close: &str, found: &mut Vec<Chain>) -> usize {
    let bytes = text.as_bytes();
    if close == "#}" {
        return text[start..]
            .find(close)
            .map_or(text.len(), |offset| start + offset + 2);
    }
    let mut at = start;
    // The last byte that is no blank: a name behind a dot or a bar is an attribute or a filter.
    let mut before = b' ';
    while at < bytes.len() {
        if text[at..].starts_with(close) {
            return at + close.len();
        }
        let byte = bytes[at];
        match byte {
            b'\'' | b'"' => at = behind_quotes(text, at),
            _ if is_start(byte) && before != b'.' && before != b'|' => {
                let chain = chain(text, at);
                at = chain.range.end;
                found.push(chain);
            }
            _ if is_start(byte) => at = word(text, at),
            b'0'..=b'9' => at = number(text, at),
            _ => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
        if !byte.is_ascii_whitespace() {
            before = bytes[at - 1];
        }
    }
    at
}

fn chain(text: &str, start: usize) -> Chain {
    let mut end = word(text, start);
    let mut parts = vec![text[start..end].to_owned()];
    let bytes = text.as_bytes();
    loop {
        match bytes.get(end) {
            Some(b'.') if bytes.get(end + 1).is_some_and(|byte| is_start(*byte)) => {
                let next = word(text, end + 1);
                parts.push(text[end + 1..next].to_owned());
                end = next;
            }
            Some(b'[') => match subscript(text, end) {
                Some((part, next)) => {
                    parts.push(part);
                    end = next;
                }
                None => break,
            },
            _ => break,
        }
    }
    Chain {
        parts,
        range: start..end,
    }
}

/// The text of `['…']` and the offset behind it; none for any other subscript.
fn subscript(text: &str, open: usize) -> Option<(String, usize)> {
    let inner = text[open + 1..].trim_start();
    let start = text.len() - inner.len();
    let quote = inner.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let length = inner[1..].find(quote)?;
    let behind = text[start + length + 2..].trim_start();
    let end = text.len() - behind.len();
    behind
        .starts_with(']')
        .then(|| (inner[1..=length].to_owned(), end + 1))
}

fn is_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn word(text: &str, start: usize) -> usize {
    let rest = &text.as_bytes()[start..];
    let length = rest
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
    start + length.count()
}

fn number(text: &str, start: usize) -> usize {
    word(text, start).max(start + 1)
}

fn behind_quotes(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != bytes[start] {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    while at < bytes.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    (at + 1).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        chains(text)
            .iter()
            .map(|chain| chain.parts.join("/"))
            .collect()
    }

    #[test]
    fn names_attributes_and_subscripts_make_a_chain() {
        assert_eq!(
            of("a {{ hosts['web-1'].address }} b.c {{ stacks.x.outputs[\"Y\"] | default(env.Z) }}"),
            ["hosts/web-1/address", "stacks/x/outputs/Y", "env/Z"]
        );
        assert_eq!(
            of("{{ 'a.b' ~ x[y].z }}{# c #}{% if d %}"),
            ["x", "y", "if", "d"]
        );
    }

    #[test]
    fn what_is_cut_off_is_read_to_its_end() {
        for text in [
            "{{", "{{ a.", "{{ a['", "{{ 'é", "{{ '\\", "{# x", "{{ é }}", "{{ a['é",
        ] {
            chains(text);
        }
    }
}
