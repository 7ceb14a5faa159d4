//! Between our values and the engine's.

use minijinja::{
    Error,
    value::{Value as Jinja, ValueKind},
};

use super::{
    arguments::defined,
    budget,
    mistake::{DEEPEST, too_deep, wrong},
    omit::Omit,
    python,
};
use crate::model::{Failure, Map, Value};

/// One of our values without templates, whole.
pub(super) fn plain(value: &Value) -> Jinja {
    match value {
        Value::Null => Jinja::from(()),
        Value::Bool(b) => Jinja::from(*b),
        Value::Number(n) => match (n.as_i64(), n.as_u64()) {
            (Some(i), _) => Jinja::from(i),
            (None, Some(u)) => Jinja::from(u),
            (None, None) => Jinja::from(n.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(s) => Jinja::from(s.as_str()),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(map) => Jinja::from_pairs(map.iter().map(|(k, v)| (k.as_str(), plain(v)))),
    }
}

/// The engine's value as ours; none for `omit`. Refuses what JSON has no form for, and undefined parts.
pub(super) fn ours(value: &Jinja) -> Result<Option<Value>, String> {
    below(value, 0).map_err(|error| error.detail().unwrap_or_default().to_owned())
}

/// The engine's value as ours, which must be there; `omit` is null.
pub(super) fn whole(value: &Jinja) -> Result<Value, Error> {
    ours(defined(value)?)
        .map(Option::unwrap_or_default)
        .map_err(wrong)
}

fn below(value: &Jinja, depth: usize) -> Result<Option<Value>, Error> {
    if depth > DEEPEST {
        return Err(too_deep());
    }
    budget::items(1)?;
    Ok(Some(match value.kind() {
        ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number => number(value).map_err(wrong)?,
        ValueKind::String => Value::String(python::text(value)?),
        ValueKind::Bytes => Value::String(
            String::from_utf8(value.as_bytes().unwrap_or_default().to_vec())
                .map_err(|_| wrong("the value is not text in UTF-8"))?,
        ),
        ValueKind::Seq | ValueKind::Iterable => {
            let mut items = Vec::new();
            for item in value.try_iter().map_err(told)? {
                items.extend(below(&item, depth + 1)?);
            }
            Value::Array(items)
        }
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter().map_err(told)? {
                let item = value.get_item(&key).map_err(told)?;
                if let Some(item) = below(&item, depth + 1)? {
                    let key = key_text(&key);
                    budget::entries(1)?;
                    budget::text(key.len())?;
                    map.insert(key, item);
                }
            }
            Value::Object(map)
        }
        ValueKind::Undefined => return Err(wrong("a part of the value is undefined")),
        ValueKind::Plain if value.downcast_object_ref::<Omit>().is_some() => return Ok(None),
        kind => return Err(wrong(format!("{kind} is no value that can be kept"))),
    }))
}

/// What the engine says of a part of a value, as a mistake in the template's use of it.
fn told(error: Error) -> Error {
    wrong(error.to_string())
}

fn number(value: &Jinja) -> Result<Value, String> {
    if value.is_integer() {
        return i64::try_from(value.clone())
            .map(Value::from)
            .or_else(|_| u64::try_from(value.clone()).map(Value::from))
            .map_err(|_| format!("the number {value} is too large"));
    }
    f64::try_from(value.clone())
        .ok()
        .and_then(serde_json::Number::from_f64)
        .map(Value::Number)
        .ok_or_else(|| format!("the number {value} has no value"))
}

/// A mapping's key as JSON has it.
pub(super) fn key_text(key: &Jinja) -> String {
    match (key.as_str(), key.kind()) {
        (Some(text), _) => text.to_owned(),
        // Only these are of any size; where one cannot be written, the rendering has failed already.
        (None, ValueKind::Seq | ValueKind::Iterable | ValueKind::Map) => {
            python::repr(key).unwrap_or_default()
        }
        _ => key.to_string(),
    }
}

/// A failure of ours on one line, for a template's error.
pub(super) fn failure_text(failure: &Failure) -> String {
    let parts = [failure.summary, &failure.what, &failure.why];
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(": ")
}
