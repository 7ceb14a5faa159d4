//! How the lists of a `with_…` become its items.

use crate::model::Value;

/// A value as a list: itself where it is one, none for null, else of one item.
pub fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// The items with `depth` levels of lists taken off: one for the list itself.
pub fn flat(value: Value, depth: usize) -> Vec<Value> {
    match value {
        Value::Array(items) if depth > 0 => items
            .into_iter()
            .flat_map(|item| match item {
                Value::Array(_) if depth > 1 => flat(item, depth - 1),
                other => vec![other],
            })
            .collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// `with_dict`: an item `{key, value}` for each entry of a mapping, or of several.
pub fn pairs(terms: Value) -> Option<Vec<Value>> {
    let maps = match terms {
        Value::Object(map) => vec![map],
        Value::Array(maps) => maps
            .into_iter()
            .map(|map| match map {
                Value::Object(map) => Some(map),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()?,
        _ => return None,
    };
    Some(
        maps.into_iter()
            .flatten()
            .map(|(key, value)| serde_json::json!({ "key": key, "value": value }))
            .collect(),
    )
}

/// How many items a loop may make of lists, how many values they may have in all, and how many bytes.
const MOST_ITEMS: usize = 100_000;
const MOST_VALUES: usize = 1_000_000;
const MOST_BYTES: usize = 64 << 20;

/// Refuses items before they are made that are more than a loop may have.
fn within_limits(items: usize, values: usize, bytes: usize) -> Result<(), String> {
    if items > MOST_ITEMS || values > MOST_VALUES || bytes > MOST_BYTES {
        Err(format!(
            "makes more items than a loop may have: {MOST_ITEMS}, with {MOST_VALUES} values and {} MiB in all",
            MOST_BYTES >> 20
        ))
    } else {
        Ok(())
    }
}

/// About how many bytes a value has.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len() + 8,
        Value::Array(items) => items.iter().map(size).sum::<usize>() + 8,
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| key.len() + 8 + size(value))
            .sum(),
    }
}

/// `with_nested`: every combination of an item of each list.
pub fn nested(lists: Vec<Value>) -> Result<Vec<Value>, String> {
    let mut combinations: Vec<Vec<Value>> = vec![Vec::new()];
    for one in lists {
        let items = list(one);
        let (before, more): (usize, usize) = (
            combinations.iter().flatten().map(size).sum(),
            items.iter().map(size).sum(),
        );
        let values: usize = combinations.iter().map(Vec::len).sum();
        within_limits(
            combinations.len().saturating_mul(items.len()),
            values
                .saturating_add(combinations.len())
                .saturating_mul(items.len()),
            before
                .saturating_mul(items.len())
                .saturating_add(more.saturating_mul(combinations.len())),
        )?;
        combinations = combinations
            .into_iter()
            .flat_map(|one: Vec<Value>| {
                items.iter().map(move |item| {
                    let mut longer = one.clone();
                    longer.extend(flat(item.clone(), 1));
                    longer
                })
            })
            .collect();
    }
    Ok(combinations.into_iter().map(Value::Array).collect())
}

/// `with_together`: the first items of all lists, then the second ones; null where a list has ended.
pub fn together(lists: Vec<Value>) -> Result<Vec<Value>, String> {
    let lists: Vec<Vec<Value>> = lists.into_iter().map(list).collect();
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    within_limits(longest, longest.saturating_mul(lists.len()), 0)?;
    Ok((0..longest)
        .map(|index| {
            let row = lists
                .iter()
                .map(|list| list.get(index).cloned().unwrap_or(Value::Null));
            Value::Array(row.collect())
        })
        .collect())
}

/// `with_subelements`: each element with each item of a list within it.
pub fn subelements(terms: Value) -> Result<Vec<Value>, String> {
    let mut terms = list(terms).into_iter();
    let (Some(elements), Some(Value::String(key))) = (terms.next(), terms.next()) else {
        return Err("takes a list and the name of the list within its items".into());
    };
    let skip = terms
        .next()
        .is_some_and(|flags| matches!(flags.get("skip_missing"), Some(Value::Bool(true))));
    let elements = match elements {
        Value::Object(map) => map.into_iter().map(|(_, value)| value).collect(),
        other => list(other),
    };
    let mut found = Vec::new();
    let mut bytes: usize = 0;
    for element in elements {
        let inner = key
            .split('.')
            .try_fold(&element, |value, part| value.get(part));
        match inner {
            Some(Value::Array(inner)) => {
                bytes = bytes
                    .saturating_add(size(&element).saturating_mul(inner.len()))
                    .saturating_add(inner.iter().map(size).sum());
                let count = found.len() + inner.len();
                within_limits(count, count * 2, bytes)?;
                for one in inner.clone() {
                    found.push(Value::Array(vec![element.clone(), one]));
                }
            }
            _ if skip => {}
            _ => {
                return Err(format!(
                    "found no list `{key}` in an item that is {}",
                    kind(&element)
                ));
            }
        }
    }
    Ok(found)
}

/// What a value is called, for it may be long.
pub fn kind(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(map) => {
            let mut keys: Vec<&str> = map.keys().map(String::as_str).collect();
            keys.truncate(10);
            format!("a mapping of {}", keys.join(", "))
        }
        Value::String(text) if text.len() > 100 => "a text".to_owned(),
        short => format!("`{short}`"),
    }
}
