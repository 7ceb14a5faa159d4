//! A module's arguments: a mapping, or `key=value` words, or free text.

use super::fields::Reader;
use crate::{
    model::{Diagnostic, Map, Value},
    vars::yaml::Node,
};

/// Modules whose text is a command; only these words of it are arguments.
const COMMANDS: &[&str] = &["command", "shell", "raw", "script", "expect"];
const OF_COMMANDS: &[&str] = &[
    "chdir",
    "creates",
    "executable",
    "removes",
    "stdin",
    "stdin_add_newline",
    "strip_empty_ends",
    "warn",
];

/// Modules whose text has a first word beside its `key=value` words.
const FREE: &[&str] = &[
    "import_role",
    "import_tasks",
    "include",
    "include_role",
    "include_tasks",
    "include_vars",
    "meta",
    "set_fact",
];

/// A task's module as it was found.
pub(super) struct ModuleCall<'a> {
    /// Its name as written, with its collection.
    pub name: String,
    /// Where its arguments stand.
    pub node: &'a Node,
    /// Its arguments.
    pub args: Map,
}

/// The arguments of a module as they stand under its name.
pub(super) fn of(module: &str, node: &Node, reader: &mut Reader) -> Map {
    if node.is_null() {
        return Map::new();
    }
    if node.pairs().is_some() {
        return match reader.value(node) {
            Value::Object(map) => map,
            _ => Map::new(),
        };
    }
    let Some(text) = node.text() else {
        reader.wrong(node, "a module's arguments are a mapping or a text");
        return Map::new();
    };
    from_text(module, text, node, reader)
}

/// The module of `action:` and `local_action:` with its arguments.
pub(super) fn action<'a>(node: &'a Node, reader: &mut Reader) -> Option<ModuleCall<'a>> {
    if node.pairs().is_some() {
        let Value::Object(mut map) = reader.value(node) else {
            return None;
        };
        return match map.shift_remove("module") {
            Some(Value::String(name)) => {
                if let Some(Value::String(text)) = map.get("_raw_params").cloned() {
                    map.insert("_raw_params".to_owned(), Value::String(text));
                }
                Some(ModuleCall {
                    name,
                    node,
                    args: map,
                })
            }
            _ => {
                reader.wrong(node, "an action names its module under `module`");
                None
            }
        };
    }
    let text = reader.text(node, "an action");
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let args = from_text(name, rest.trim_start(), node, reader);
    Some(ModuleCall {
        name: name.to_owned(),
        node,
        args,
    })
}

/// `key=value` words of a text, and what else stands there where the module takes that.
fn from_text(module: &str, text: &str, node: &Node, reader: &mut Reader) -> Map {
    let short = module.rsplit('.').next().unwrap_or(module);
    let command = COMMANDS.contains(&short);
    let words = match split(text) {
        Ok(words) => words,
        Err(why) => {
            reader.diagnostics.push(Diagnostic::error(
                "arguments that do not end",
                why,
                node.span.clone(),
            ));
            return Map::new();
        }
    };
    let mut map = Map::new();
    let mut free: Option<std::ops::Range<usize>> = None;
    let mut raw = String::new();
    for range in words {
        let word = &text[range.clone()];
        let decoded = match decoded(word) {
            Ok(decoded) => decoded,
            Err(why) => {
                reader.wrong(node, why);
                return Map::new();
            }
        };
        match assignment(&decoded) {
            Some((key, value)) if !command || OF_COMMANDS.contains(&key) => {
                let value = unquoted(value.trim()).to_owned();
                map.insert(key.to_owned(), Value::String(value));
            }
            _ => {
                // What stood between two words of a command (line breaks included) belongs to it.
                if let Some(before) = &free {
                    let between = &text[before.end..range.start];
                    raw.push_str(if between.trim().is_empty() {
                        between
                    } else {
                        " "
                    });
                }
                raw.push_str(word);
                free = Some(range);
            }
        }
    }
    if free.is_none() {
        return map;
    }
    if command || FREE.contains(&short) {
        let raw = if command {
            raw
        } else {
            unquoted(&raw).to_owned()
        };
        map.insert("_raw_params".to_owned(), Value::String(raw));
    } else {
        let mut diagnostic = Diagnostic::error(
            "free text for a module",
            format!("`{module}` takes `key=value` words or a mapping"),
            node.span.clone(),
        );
        if !raw.contains(char::is_whitespace) && !raw.contains("{{") {
            diagnostic = diagnostic.help(format!(
                "write a mapping, such as `{module}: {{ name: {raw} }}`"
            ));
        }
        reader.diagnostics.push(diagnostic);
    }
    map
}

/// `key=value`, when the word is one. A template that is the key holds it together.
fn assignment(word: &str) -> Option<(&str, &str)> {
    let from = match word.strip_prefix("{{") {
        Some(_) => word.find("}}=").map_or(0, |at| at + 2),
        None => 0,
    };
    let (key, value) = word.split_at(from + word[from..].find('=')?);
    let plain = |key: &str| {
        key.chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    };
    let name = !key.is_empty() && (plain(key) || key.starts_with("{{") && from == key.len());
    name.then_some((key, &value[1..]))
}

/// A word with its escapes read, which Ansible does before it takes the quotes off, in single quotes as well.
fn decoded(word: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = match rest.chars().next() {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some('N') if rest.starts_with("N{") => {
                return Err("characters by name, as in `\\N{…}`, are not known here: this");
            }
            _ => 0,
        };
        let number = rest.get(1..=digits).unwrap_or_default();
        let code = u32::from_str_radix(number, 16).ok();
        let short = match rest.chars().next() {
            Some('a') => Some('\u{7}'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('v') => Some('\u{b}'),
            Some(c @ ('\\' | '\'' | '"')) => Some(c),
            _ => code.filter(|_| digits > 0).and_then(char::from_u32),
        };
        match short {
            Some(c) => {
                out.push(c);
                rest = &rest[1 + digits..];
            }
            // What is no escape stays, and so does the letter behind it.
            None => out.push('\\'),
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// The words of a text; quotes and templates hold words together.
fn split(text: &str) -> Result<Vec<std::ops::Range<usize>>, &'static str> {
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut depth = 0_usize;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        // A backslash at the end of a line joins it with the next one.
        if c == '\\' && next == Some('\n') && quote.is_none() && start.is_none() {
            chars.next();
            continue;
        }
        if c.is_whitespace() && quote.is_none() && depth == 0 {
            if let Some(start) = start.take() {
                words.push(start..at);
            }
            continue;
        }
        start.get_or_insert(at);
        match (c, next) {
            ('\\', Some(_)) => {
                chars.next();
            }
            ('{', Some('{' | '%' | '#')) => {
                depth += 1;
                chars.next();
            }
            ('}' | '%' | '#', Some('}')) if depth > 0 => {
                depth -= 1;
                chars.next();
            }
            ('"' | '\'', _) if depth == 0 => match quote {
                Some(open) if open == c => quote = None,
                Some(_) => {}
                None => quote = Some(c),
            },
            _ => {}
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    if depth > 0 {
        return Err("a template is not closed");
    }
    if let Some(start) = start {
        words.push(start..text.len());
    }
    Ok(words)
}

/// A value without the quotes around it, unless a backslash stands before the last one.
fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if value.len() >= 2
            && let Some(inner) = value
                .strip_prefix(quote)
                .and_then(|inner| inner.strip_suffix(quote))
            && !inner.ends_with('\\')
        {
            return inner;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{model::Source, vars::yaml};

    fn args(module: &str, text: &str) -> Value {
        let node = yaml::read(&Source::new("t", serde_json::to_string(text).unwrap())).unwrap();
        let mut reader = Reader::default();
        let map = of(module, &node, &mut reader);
        assert!(reader.diagnostics.is_empty(), "{:?}", reader.diagnostics);
        Value::Object(map)
    }

    #[test]
    fn words_are_held_together_by_quotes_and_templates() {
        assert_eq!(
            args("apt", "name={{ a | default('x y') }} state=\"pre sent\""),
            json!({"name": "{{ a | default('x y') }}", "state": "pre sent"})
        );
    }

    /// Each as ansible-core reads it.
    #[test]
    fn escapes_are_read_in_values_and_stay_in_a_command() {
        for (text, value) in [
            (r"x='\bbar\b'", json!({"x": "\u{8}bar\u{8}"})),
            (r"x='\\bbar'", json!({"x": "\\bbar"})),
            (r#"x="{{ 'a\tb' }}""#, json!({"x": "{{ 'a\tb' }}"})),
            (r#"x="say \"hi\" now""#, json!({"x": "say \"hi\" now"})),
            (r"x=\x41\u00e9\q", json!({"x": "Aé\\q"})),
            ("x=1 \\\n  y=2", json!({"x": "1", "y": "2"})),
            (r"x=a=b", json!({"x": "a=b"})),
        ] {
            assert_eq!(args("replace", text), value, "{text}");
        }
        assert_eq!(
            args("shell", r"printf '\tx=1' creates='\x41'"),
            json!({"_raw_params": r"printf '\tx=1'", "creates": "A"})
        );
        assert_eq!(
            args("set_fact", "{{ 'dyn' ~ 1 }}=val"),
            json!({"{{ 'dyn' ~ 1 }}": "val"})
        );
    }

    #[test]
    fn a_command_keeps_its_text_and_its_own_arguments() {
        assert_eq!(
            args(
                "ansible.builtin.shell",
                "FOO=bar  run --x=y creates=/a\nmore"
            ),
            json!({"_raw_params": "FOO=bar  run --x=y more", "creates": "/a"})
        );
        assert_eq!(
            args("include_tasks", "a.yml tags=x"),
            json!({"_raw_params": "a.yml", "tags": "x"})
        );
    }
}
