//! Filters between values and their written forms.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use minijinja::{
    Error,
    value::{Value as Jinja, ValueKind},
};
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use serde_json::ser::Formatter;

use super::table::Table;
use crate::{
    model::{
        Source, Value,
        reserved::{RESERVED, RESERVED_IN_PATH},
    },
    vars::{
        engine::{
            arguments::{bind, defined, items},
            bounded::Bounded,
            budget, convert,
            mistake::wrong,
            percent::WIDEST,
            python::{bounded, fits, text},
        },
        yaml::{self, Dialect},
    },
};

pub(super) const TABLE: Table = &[
    ("to_json", to_json),
    ("tojson", to_json),
    ("to_nice_json", to_nice_json),
    ("from_json", |values| {
        let text = text(&values[0])?;
        serde_json::from_str::<Value>(&text)
            .map_err(|error| wrong(format!("the text is no JSON: {error}")))
            .and_then(|value| copied(&value))
    }),
    ("from_yaml", |values| {
        let source = Source::new("the text", text(&values[0])?);
        yaml::read(&source)
            .and_then(|node| node.to_value(Dialect::Ansible))
            .map_err(|said| {
                wrong(said.first().map_or(String::new(), |d| {
                    format!("the text is no YAML: {}", d.label)
                }))
            })
            .and_then(|value| copied(&value))
    }),
    ("b64encode", |values| {
        Ok(Jinja::from(STANDARD.encode(text(&values[0])?)))
    }),
    ("b64decode", |values| {
        let bytes = STANDARD
            .decode(text(&values[0])?.trim())
            .map_err(|error| wrong(format!("the text is no base64: {error}")))?;
        String::from_utf8(bytes)
            .map(Jinja::from)
            .map_err(|_| wrong("what base64 holds is not text in UTF-8"))
    }),
    ("urldecode", |values| {
        Ok(Jinja::from(unescaped(&text(&values[0])?)))
    }),
    ("urlencode", urlencode),
    ("urlsplit", urlsplit),
];

/// The engine's form of a value that was read.
fn copied(value: &Value) -> Result<Jinja, Error> {
    budget::copy(value)?;
    Ok(convert::plain(value))
}

/// Python's separators, `", "` and `": "`.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
    ) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

fn written<F: Formatter>(value: &Value, formatter: F) -> Result<String, Error> {
    let mut out = Bounded::default();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    serde::Serialize::serialize(value, &mut serializer).map_err(|error| {
        if error.is_io() {
            fits(usize::MAX).err().unwrap_or_else(|| wrong(""))
        } else {
            wrong(error.to_string())
        }
    })?;
    let text = String::from_utf8(out.0).map_err(|error| wrong(error.to_string()))?;
    // Python writes everything beyond ASCII as escapes.
    let mut ascii = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Ok(ascii)
}

/// The value with the keys of all mappings sorted.
pub(super) fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<(String, Value)> = map.into_iter().collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(pairs.into_iter().map(|(k, v)| (k, sorted(v))).collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

fn to_json(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, indent, sort_keys] = bind(values, ["value", "indent", "sort_keys"])?;
    let mut value = convert::whole(&value.unwrap_or(Jinja::UNDEFINED))?;
    if sort_keys.is_some_and(|sort| sort.is_true()) {
        value = sorted(value);
    }
    match indent.and_then(|indent| indent.as_usize()) {
        Some(indent) => pretty(&value, indent),
        None => bounded(written(&value, Spaced)?),
    }
}

fn to_nice_json(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, indent, sort_keys] = bind(values, ["value", "indent", "sort_keys"])?;
    let mut value = convert::whole(&value.unwrap_or(Jinja::UNDEFINED))?;
    if sort_keys.is_none_or(|sort| sort.is_true()) {
        value = sorted(value);
    }
    pretty(
        &value,
        indent.and_then(|indent| indent.as_usize()).unwrap_or(4),
    )
}

fn pretty(value: &Value, indent: usize) -> Result<Jinja, Error> {
    if indent > WIDEST {
        return Err(wrong(format!("an `indent` goes up to {WIDEST}")));
    }
    let spaces = " ".repeat(indent);
    bounded(written(
        value,
        serde_json::ser::PrettyFormatter::with_indent(spaces.as_bytes()),
    )?)
}

/// A text as Python's `unquote_plus` reads it: what is no whole escape stands for itself.
fn unescaped(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

/// A text for a path; a mapping or pairs for a query.
fn urlencode(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value] = bind(values, ["value"])?;
    let value = value.unwrap_or(Jinja::UNDEFINED);
    let listed = matches!(
        defined(&value)?.kind(),
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map
    );
    if !listed {
        return bounded(utf8_percent_encode(&text(&value)?, RESERVED_IN_PATH).to_string());
    }
    let mut parts = Vec::new();
    for item in items(&value)? {
        let (key, value) = match value.kind() {
            ValueKind::Map => (item.clone(), value.get_item(&item)?),
            _ => match <[Jinja; 2]>::try_from(items(&item)?) {
                Ok([key, value]) => (key, value),
                Err(_) => return Err(wrong("`urlencode` takes a text, a mapping or pairs")),
            },
        };
        let part = |value: &Jinja| {
            let escaped = utf8_percent_encode(&text(value)?, RESERVED).to_string();
            Ok::<_, Error>(escaped.replace("%20", "+"))
        };
        parts.push(format!("{}={}", part(&key)?, part(&value)?));
        budget::text(parts.last().map_or(0, String::len))?;
    }
    bounded(parts.join("&"))
}

fn urlsplit(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, part] = bind(values, ["value", "query"])?;
    let url = text(&value.unwrap_or(Jinja::UNDEFINED))?;
    let (rest, fragment) = url.split_once('#').unwrap_or((&url, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = rest.split_once(':').unwrap_or(("", rest));
    let (netloc, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    let (login, place) = netloc.rsplit_once('@').unwrap_or(("", netloc));
    let (username, password) = login.split_once(':').unwrap_or((login, ""));
    let (hostname, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse::<u16>().ok()),
        _ => (place, None),
    };
    let optional = |text: &str| match text {
        "" => Value::Null,
        text => Value::from(text),
    };
    let all = serde_json::json!({
        "scheme": scheme, "netloc": netloc, "path": path, "query": query, "fragment": fragment,
        "username": optional(username), "password": optional(password),
        "hostname": optional(&hostname.trim_matches(['[', ']']).to_lowercase()), "port": port,
    });
    match part {
        None => Ok(convert::plain(&all)),
        Some(part) => {
            let part = text(&part)?;
            all.get(&part)
                .map(convert::plain)
                .ok_or_else(|| wrong(format!("a URL has no `{part}`")))
        }
    }
}
