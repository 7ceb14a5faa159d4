//! How the lists of a `with_…` become its items.

use crate::model::Value;

pub(super) fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// The items with `depth` levels of lists taken off: one for the list itself.
pub(super) fn flat(value: Value, depth: usize) -> Vec<Value> {
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

pub(super) fn pairs(terms: Value) -> Option<Vec<Value>> {
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

pub(super) fn nested(lists: Vec<Value>) -> Vec<Value> {
    let mut rows = vec![Vec::new()];
    for one in lists {
        let items = list(one);
        rows = rows
            .into_iter()
            .flat_map(|row: Vec<Value>| {
                items.iter().map(move |item| {
                    let mut longer = row.clone();
                    longer.extend(flat(item.clone(), 1));
                    longer
                })
            })
            .collect();
    }
    rows.into_iter().map(Value::Array).collect()
}

pub(super) fn together(lists: Vec<Value>) -> Vec<Value> {
    let lists: Vec<Vec<Value>> = lists.into_iter().map(list).collect();
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .map(|index| {
            let row = lists
                .iter()
                .map(|list| list.get(index).cloned().unwrap_or(Value::Null));
            Value::Array(row.collect())
        })
        .collect()
}

pub(super) fn subelements(terms: Value) -> Result<Vec<Value>, String> {
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
    let mut rows = Vec::new();
    for element in elements {
        let inner = key
            .split('.')
            .try_fold(&element, |value, part| value.get(part));
        match inner {
            Some(Value::Array(inner)) => {
                for one in inner.clone() {
                    rows.push(Value::Array(vec![element.clone(), one]));
                }
            }
            _ if skip => {}
            _ => return Err(format!("found no list `{key}` in `{element}`")),
        }
    }
    Ok(rows)
}
