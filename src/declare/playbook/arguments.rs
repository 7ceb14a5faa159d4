//! A module's arguments: a mapping, `key=value` words, or free text.

use std::ops::Range;

use super::fields::Notes;
use crate::model::{Map, Value};
use crate::vars::yaml::Node;

/// Where free text is kept.
pub const FREE: &str = "_raw_params";

/// Modules whose text is taken as it is, but for these `key=value` words in it.
const FREE_FORM: &[(&str, &[&str])] = &[
    (
        "command",
        &["creates", "removes", "chdir", "executable", "stdin"],
    ),
    (
        "shell",
        &["creates", "removes", "chdir", "executable", "stdin"],
    ),
    ("raw", &["executable"]),
    ("script", &["creates", "removes", "chdir", "executable"]),
    ("meta", &[]),
    ("include", &[]),
    ("include_tasks", &["file"]),
    ("import_tasks", &["file"]),
    ("include_vars", &["file", "name", "dir"]),
];

/// The arguments of a module; nothing at all is none.
pub fn read(module: &str, node: &Node, notes: &mut Notes) -> Map {
    if node.pairs().is_some() {
        return match notes.value(node) {
            Value::Object(map) => map,
            _ => Map::new(),
        };
    }
    match node.text() {
        _ if node.is_null() => Map::new(),
        Some(text) => match FREE_FORM.iter().find(|(name, _)| *name == module) {
            Some((_, known)) => free(text, known),
            None => words(module, text, node, notes),
        },
        None => {
            let label = format!("the arguments of `{module}` are {} here", node.noun());
            notes.error(
                "a module's arguments are a mapping",
                label,
                &node.span,
                "write `key: value` lines below it",
            );
            Map::new()
        }
    }
}

/// The module and arguments of `action: MODULE key=value` or of a mapping with `module`.
pub fn action(node: &Node, notes: &mut Notes) -> (String, Option<Map>) {
    if let Some(module) = node.get("module") {
        let name = notes.text(module, "`module`");
        let args = match notes.value(node) {
            Value::Object(mut map) => {
                map.shift_remove("module");
                Some(map)
            }
            _ => Some(Map::new()),
        };
        return (name, args);
    }
    let text = notes.text(node, "`action`");
    let (name, rest) = text
        .trim()
        .split_once(char::is_whitespace)
        .unwrap_or((text.trim(), ""));
    let short = name.rsplit('.').next().unwrap_or(name);
    let args = match FREE_FORM.iter().find(|(module, _)| *module == short) {
        Some((_, known)) => free(rest.trim(), known),
        None => words(short, rest, node, notes),
    };
    (name.to_owned(), Some(args))
}

/// Free text without the words that are arguments.
fn free(text: &str, known: &[&str]) -> Map {
    let mut map = Map::new();
    let mut rest = String::new();
    let mut kept = 0;
    for word in split(text) {
        let Some((name, value)) = text[word.clone()].split_once('=') else {
            continue;
        };
        if known.contains(&name) {
            map.insert(name.to_owned(), Value::from(unquoted(value)));
            rest.push_str(text[kept..word.start].trim_end());
            kept = word.end;
        }
    }
    rest.push_str(&text[kept..]);
    let rest = rest.trim();
    if !rest.is_empty() {
        map.insert(FREE.to_owned(), Value::from(rest));
    }
    map
}

/// Words that are all arguments.
fn words(module: &str, text: &str, node: &Node, notes: &mut Notes) -> Map {
    let mut map = Map::new();
    for word in split(text) {
        match text[word.clone()].split_once('=') {
            Some((name, value))
                if !name.is_empty()
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') =>
            {
                map.insert(name.to_owned(), Value::from(unquoted(value)));
            }
            _ => {
                let label = format!("`{}` is no `key=value` of `{module}`", &text[word]);
                notes.error(
                    "this is no argument",
                    label,
                    &node.span,
                    "write the arguments as `key: value` lines",
                );
                break;
            }
        }
    }
    map
}

/// The words of a text: white space inside quotes and inside `{{ … }}` does not part them.
fn split(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut words, mut start, mut quote, mut depth) = (Vec::new(), None, None, 0usize);
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let pair = bytes.get(at..at + 2);
        let mut wide = 1;
        match (quote, pair) {
            (Some(open), _) if byte == open && depth == 0 => quote = None,
            (Some(_), _) if byte == b'\\' => wide = 2,
            (_, Some(b"{{" | b"{%" | b"{#")) => (depth, wide) = (depth + 1, 2),
            (_, Some(b"}}" | b"%}" | b"#}")) => (depth, wide) = (depth.saturating_sub(1), 2),
            (None, _) if depth == 0 && (byte == b'"' || byte == b'\'') => quote = Some(byte),
            _ => {}
        }
        let parts = byte.is_ascii_whitespace() && quote.is_none() && depth == 0;
        match (parts, start) {
            (true, Some(begun)) => {
                words.push(begun..at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
        at += wide;
    }
    words.extend(start.map(|begun| begun..text.len()));
    words
}

/// A value without the quotes around it.
fn unquoted(value: &str) -> &str {
    let inner = |quote: char| {
        value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
    };
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn white_space_in_quotes_and_templates_parts_no_words() {
        assert_eq!(
            parts(" a  b=\"c d\" e={{ f | g('h i') }} "),
            ["a", "b=\"c d\"", "e={{ f | g('h i') }}"]
        );
        assert_eq!(parts("x='it\\'s y' é"), ["x='it\\'s y'", "é"]);
        assert_eq!(parts("{{ 'a'"), ["{{ 'a'"]);
        assert_eq!(parts(""), [""; 0]);
    }

    #[test]
    fn free_text_keeps_its_own_words_and_gives_up_the_arguments() {
        let map = free(
            "make install prefix=/usr creates=\"/usr/bin/x y\" && ls",
            &["creates"],
        );
        assert_eq!(map["creates"], "/usr/bin/x y");
        assert_eq!(map[FREE], "make install prefix=/usr && ls");
    }
}
