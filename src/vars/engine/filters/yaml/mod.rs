//! `to_yaml` and `to_nice_yaml`, as PyYAML writes.

use minijinja::{Error, value::Value as Jinja};

use super::{Table, data};
use crate::{
    model::Value,
    vars::{
        engine::{
            arguments::bind,
            python::{bounded, float},
        },
        yaml,
    },
};

pub(super) const TABLE: Table = &[
    ("to_yaml", |values| {
        let [value, indent, sort_keys, _width] =
            bind(values, ["value", "indent", "sort_keys", "width"])?;
        write(value, indent, sort_keys, 2, true)
    }),
    ("to_nice_yaml", |values| {
        let [value, indent, sort_keys, _width] =
            bind(values, ["value", "indent", "sort_keys", "width"])?;
        write(value, indent, sort_keys, 4, false)
    }),
];

/// `to_yaml` writes the innermost collections in brackets, `to_nice_yaml` everything as blocks.
fn write(
    value: Option<Jinja>,
    indent: Option<Jinja>,
    sort_keys: Option<Jinja>,
    otherwise: usize,
    flow: bool,
) -> Result<Jinja, Error> {
    let mut value = data::ours(&value.unwrap_or(Jinja::UNDEFINED))?;
    if sort_keys.is_none_or(|sort| sort.is_true()) {
        value = data::sorted(value);
    }
    let indent = indent
        .and_then(|indent| indent.as_usize())
        .unwrap_or(otherwise);
    let mut out = String::new();
    match &value {
        collection if is_block(collection, flow) => block(&value, 0, indent, flow, &mut out),
        // libyaml writes no mark of the document's end, behind a bare scalar neither.
        short => {
            inline(short, &mut out);
            out.push('\n');
        }
    }
    bounded(out)
}

/// Whether nothing in it is a collection.
fn innermost(value: &Value) -> bool {
    let scalar = |value: &Value| !value.is_array() && !value.is_object();
    match value {
        Value::Array(items) => items.iter().all(scalar),
        Value::Object(map) => map.values().all(scalar),
        _ => true,
    }
}

/// Whether a value is written in lines of its own.
fn is_block(value: &Value, flow: bool) -> bool {
    let empty = match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => return false,
    };
    !empty && (!flow || !innermost(value))
}

/// A collection in lines, each starting at `column`.
fn block(value: &Value, column: usize, indent: usize, flow: bool, out: &mut String) {
    let pad = " ".repeat(column);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if !out.is_empty() && out.ends_with('\n') {
                    out.push_str(&pad);
                }
                scalar(key, out);
                out.push(':');
                if is_block(value, flow) {
                    out.push('\n');
                    // Lists in mappings stand at the mapping's own column.
                    let column = if value.is_array() {
                        column
                    } else {
                        column + indent
                    };
                    block(value, column, indent, flow, out);
                } else {
                    out.push(' ');
                    inline(value, out);
                    out.push('\n');
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                if !out.is_empty() && out.ends_with('\n') {
                    out.push_str(&pad);
                }
                out.push('-');
                if is_block(item, flow) {
                    out.push_str(&" ".repeat(indent.max(2) - 1));
                    block(item, column + indent.max(2), indent, flow, out);
                } else {
                    out.push(' ');
                    inline(item, out);
                    out.push('\n');
                }
            }
        }
        _ => {}
    }
}

fn inline(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => match (n.is_f64(), n.as_f64()) {
            (true, Some(number)) => out.push_str(&float(number)),
            _ => out.push_str(&n.to_string()),
        },
        Value::String(text) => scalar(text, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                inline(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                scalar(key, out);
                out.push_str(": ");
                inline(value, out);
            }
            out.push('}');
        }
    }
}

/// A text bare where it reads back as the same text, else in quotes.
fn scalar(text: &str, out: &mut String) {
    let special = text.chars().any(|c| c.is_control() && c != '\n');
    if special || text.contains('\n') {
        out.push('"');
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                c if c.is_control() => out.push_str(&format!("\\x{:02X}", c as u32)),
                c => out.push(c),
            }
        }
        out.push('"');
    } else if is_bare(text) {
        out.push_str(text);
    } else {
        out.push('\'');
        out.push_str(&text.replace('\'', "''"));
        out.push('\'');
    }
}

fn is_bare(text: &str) -> bool {
    let first = text.chars().next();
    let starts = match first {
        None => return false,
        Some('-' | '?' | ':') => text.len() > 1 && !text[1..].starts_with(' '),
        Some(c) => !",[]{}#&*!|>'\"%@` =".contains(c),
    };
    starts
        && !text.ends_with(' ')
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text
            .chars()
            .any(|c| ",[]{}".contains(c) && text.contains(['[', '{']))
        && !looks_like_a_date(text)
        && matches!(yaml::resolve(text), Ok(Value::String(_)))
}

/// PyYAML reads `2012-10-17` as a date, so it writes a text of that form in quotes.
fn looks_like_a_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 8
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && bytes[5].is_ascii_digit()
}
