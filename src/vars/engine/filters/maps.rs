//! Filters on mappings.

use minijinja::{
    Error,
    value::{Value as Jinja, ValueKind},
};

use super::Table;
use crate::vars::engine::{
    arguments::{Truth, bind, defined, items, wrong},
    python::text,
};

pub(super) const TABLE: Table = &[
    ("combine", combine),
    ("dict2items", dict2items),
    ("items2dict", items2dict),
    ("dict", |values| {
        let mut pairs = Vec::new();
        for pair in items(&values[0])? {
            let [key, value] =
                <[Jinja; 2]>::try_from(items(&pair)?).map_err(|_| wrong("`dict` takes pairs"))?;
            pairs.push((key, value));
        }
        Ok(Jinja::from_pairs(pairs))
    }),
    ("extract", extract),
];

fn pairs(value: &Jinja) -> Result<Vec<(Jinja, Jinja)>, Error> {
    if defined(value)?.kind() != ValueKind::Map {
        return Err(wrong(format!(
            "a mapping is expected, not {}",
            value.kind()
        )));
    }
    items(value)?
        .into_iter()
        .map(|key| Ok((key.clone(), value.get_item(&key)?)))
        .collect()
}

fn combine(values: &[Jinja]) -> Result<Jinja, Error> {
    let (options, maps) = match values.split_last() {
        Some((last, rest)) if last.is_kwargs() => (std::slice::from_ref(last), rest),
        _ => (&[][..], values),
    };
    let [recursive, lists] = bind(options, ["recursive", "list_merge"])?;
    let lists = lists.map_or(Ok("replace".to_owned()), |l| text(&l))?;
    let mut out: Vec<(Jinja, Jinja)> = Vec::new();
    for map in maps {
        // Ansible takes lists of mappings as well.
        let parts = if matches!(map.kind(), ValueKind::Seq | ValueKind::Iterable) {
            items(map)?
        } else {
            vec![map.clone()]
        };
        for part in parts {
            merge(&mut out, pairs(&part)?, recursive.holds(), &lists)?;
        }
    }
    Ok(Jinja::from_pairs(out))
}

fn merge(
    into: &mut Vec<(Jinja, Jinja)>,
    from: Vec<(Jinja, Jinja)>,
    recursive: bool,
    lists: &str,
) -> Result<(), Error> {
    for (key, value) in from {
        let Some(place) = into.iter_mut().find(|(known, _)| *known == key) else {
            into.push((key, value));
            continue;
        };
        let list = |v: &Jinja| matches!(v.kind(), ValueKind::Seq | ValueKind::Iterable);
        place.1 = if recursive && place.1.kind() == ValueKind::Map && value.kind() == ValueKind::Map
        {
            let mut inner = pairs(&place.1)?;
            merge(&mut inner, pairs(&value)?, recursive, lists)?;
            Jinja::from_pairs(inner)
        } else if list(&place.1) && list(&value) && lists != "replace" {
            merged(items(&place.1)?, items(&value)?, lists)?
        } else {
            value
        };
    }
    Ok(())
}

fn merged(old: Vec<Jinja>, new: Vec<Jinja>, how: &str) -> Result<Jinja, Error> {
    let without = |list: &[Jinja], other: &[Jinja]| -> Vec<Jinja> {
        list.iter()
            .filter(|item| !other.contains(item))
            .cloned()
            .collect()
    };
    Ok(Jinja::from(match how {
        "keep" => old,
        "append" => [old, new].concat(),
        "prepend" => [new, old].concat(),
        "append_rp" => [without(&old, &new), new].concat(),
        "prepend_rp" => {
            let rest = without(&old, &new);
            [new, rest].concat()
        }
        _ => return Err(wrong(format!("`list_merge` has no `{how}`"))),
    }))
}

fn dict2items(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, key, item] = bind(values, ["value", "key_name", "value_name"])?;
    let key = key.map_or(Ok("key".to_owned()), |k| text(&k))?;
    let item = item.map_or(Ok("value".to_owned()), |v| text(&v))?;
    Ok(pairs(&value.unwrap_or(Jinja::UNDEFINED))?
        .into_iter()
        .map(|(k, v)| Jinja::from_pairs([(key.as_str(), k), (item.as_str(), v)]))
        .collect())
}

fn items2dict(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, key, item] = bind(values, ["value", "key_name", "value_name"])?;
    let key = key.map_or(Ok("key".to_owned()), |k| text(&k))?;
    let item = item.map_or(Ok("value".to_owned()), |v| text(&v))?;
    let mut out: Vec<(Jinja, Jinja)> = Vec::new();
    for one in items(&value.unwrap_or(Jinja::UNDEFINED))? {
        let (k, v) = (one.get_attr(&key)?, one.get_attr(&item)?);
        if k.is_undefined() || v.is_undefined() {
            return Err(wrong(format!("each item needs `{key}` and `{item}`")));
        }
        out.retain(|(known, _)| *known != k);
        out.push((k, v));
    }
    Ok(Jinja::from_pairs(out))
}

/// `key | extract(container, more)`
fn extract(values: &[Jinja]) -> Result<Jinja, Error> {
    let [key, container, more] = bind(values, ["item", "container", "morekeys"])?;
    let container = container.ok_or_else(|| wrong("`extract` needs where to look"))?;
    let mut value = container.get_item(&key.unwrap_or(Jinja::UNDEFINED))?;
    for step in match &more {
        None => Vec::new(),
        Some(more) if more.as_str().is_some() => vec![more.clone()],
        Some(more) => items(more)?,
    } {
        value = defined(&value)?.get_item(&step)?;
    }
    Ok(value)
}
