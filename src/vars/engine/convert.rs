//! Between our values and the engine's.

use minijinja::value::{Value as Jinja, ValueKind};

use super::lazy::Omit;
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
    Ok(Some(match value.kind() {
        ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number => number(value)?,
        ValueKind::String => Value::String(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Bytes => Value::String(
            String::from_utf8(value.as_bytes().unwrap_or_default().to_vec())
                .map_err(|_| "the value is not text in UTF-8".to_owned())?,
        ),
        ValueKind::Seq | ValueKind::Iterable => {
            let mut items = Vec::new();
            for item in value.try_iter().map_err(|e| e.to_string())? {
                items.extend(ours(&item)?);
            }
            Value::Array(items)
        }
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter().map_err(|e| e.to_string())? {
                let item = value.get_item(&key).map_err(|e| e.to_string())?;
                if let Some(item) = ours(&item)? {
                    map.insert(key_text(&key), item);
                }
            }
            Value::Object(map)
        }
        ValueKind::Undefined => return Err("a part of the value is undefined".to_owned()),
        ValueKind::Plain if value.downcast_object_ref::<Omit>().is_some() => return Ok(None),
        kind => return Err(format!("{kind} is no value that can be kept")),
    }))
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
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}

/// A failure of ours on one line, for a template's error.
pub(super) fn failure_text(failure: &Failure) -> String {
    format!("{}: {}: {}", failure.summary, failure.what, failure.why)
}
