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

pub(super) fn sequence(terms: &Value) -> Option<Vec<Value>> {
    let text = match terms {
        Value::String(text) => text.clone(),
        Value::Array(one) => one.first()?.as_str()?.to_owned(),
        _ => return None,
    };
    // Wide enough that nothing below can overflow.
    let number = |text: &str| text.parse::<i64>().ok().map(i128::from);
    let (mut start, mut end, mut stride, mut count) = (1, None, 1, None);
    let mut format = "%d".to_owned();
    for word in text.split_whitespace() {
        match word.split_once('=') {
            Some(("start", value)) => start = number(value)?,
            Some(("end", value)) => end = Some(number(value)?),
            Some(("count", value)) => count = Some(number(value)?),
            Some(("stride", value)) => stride = number(value)?,
            Some(("format", value)) => format = value.to_owned(),
            Some(_) => return None,
            None => {
                let (from, to) = word.split_once('-').unwrap_or(("1", word));
                start = number(from)?;
                end = Some(number(to)?);
            }
        }
    }
    let end = match (end, count) {
        (Some(end), _) => end,
        (None, Some(0)) => return Some(Vec::new()),
        (None, Some(count)) if count > 0 => start + (count - 1) * stride,
        (None, _) => return None,
    };
    if stride == 0 || (end - start) / stride > LONGEST {
        return None;
    }
    let mut items = Vec::new();
    let mut next = start;
    while stride > 0 && next <= end || stride < 0 && next >= end {
        items.push(Value::String(formatted(&format, next)?));
        next += stride;
    }
    Some(items)
}

/// How many numbers a sequence may have, and how wide one may be written: far more than a playbook has a use for.
const LONGEST: i128 = 100_000;
const WIDEST: usize = 100;

/// A number in one `%d`, `%02d` or `%x` of a text.
fn formatted(format: &str, number: i128) -> Option<String> {
    let (before, rest) = format.split_once('%')?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let zeros = rest.starts_with('0');
    let width: usize = match rest[..end].trim_start_matches('0') {
        "" => 0,
        width => width.parse().ok().filter(|width| *width <= WIDEST)?,
    };
    let digits = match rest[end..].chars().next()? {
        'd' | 'u' | 'i' => number.unsigned_abs().to_string(),
        'x' => format!("{:x}", number.unsigned_abs()),
        'o' => format!("{:o}", number.unsigned_abs()),
        _ => return None,
    };
    let sign = if number < 0 { "-" } else { "" };
    let padded = match zeros {
        true => format!(
            "{sign}{digits:0>wide$}",
            wide = width.saturating_sub(sign.len())
        ),
        false => format!("{:>width$}", format!("{sign}{digits}")),
    };
    Some(format!("{before}{padded}{}", &rest[end + 1..]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sequence_that_is_too_long_too_wide_or_overflows_is_refused() {
        for text in [
            "start=1 end=3 format=%99999d",
            "start=1 end=3 format=%99999999999999999999999d",
            "start=-9223372036854775807 end=9223372036854775807",
            "start=9223372036854775807 count=9223372036854775807 stride=9223372036854775807",
            "count=-1",
            "end=9223372036854775808",
        ] {
            assert_eq!(sequence(&json!(text)), None, "{text}");
        }
    }

    #[test]
    fn a_sequence_ends_at_the_largest_number() {
        let text = "start=9223372036854775806 end=9223372036854775807 stride=9223372036854775807";
        let items = vec![json!("9223372036854775806")];
        assert_eq!(sequence(&json!(text)), Some(items));
    }

    #[test]
    fn numbers_are_padded_as_python_pads_them() {
        let items = vec![json!("a-03b"), json!("a-02b")];
        assert_eq!(
            sequence(&json!("start=-3 end=-2 format=a%03db")),
            Some(items)
        );
        let items = vec![json!("ff")];
        assert_eq!(sequence(&json!("start=255 end=255 format=%x")), Some(items));
    }
}
