//! Filters on mappings.

use std::collections::HashMap;

use minijinja::{
    Error,
    value::{Value as Jinja, ValueKind},
};

use super::table::Table;
use crate::vars::engine::{
    arguments::{Truth, bind, defined, items},
    budget,
    keys::{Key, Keys, key},
    mistake::wrong,
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
            budget::entries(1)?;
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
    budget::entries(value.len().unwrap_or(0))?;
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
    let mut out = Merged::default();
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
    Ok(Jinja::from_pairs(out.pairs))
}

/// Pairs in the order they were met, and where each key is among them.
#[derive(Default)]
struct Merged {
    pairs: Vec<(Jinja, Jinja)>,
    positions: HashMap<Key, usize>,
}

impl Merged {
    /// The pair of this key, where there is one already.
    fn entry(&mut self, name: &Jinja) -> Result<Option<&mut (Jinja, Jinja)>, Error> {
        let key = key(name, self.pairs.len())?;
        Ok(match self.positions.get(&key) {
            Some(at) => self.pairs.get_mut(*at),
            None => {
                self.positions.insert(key, self.pairs.len());
                None
            }
        })
    }
}

fn merge(
    into: &mut Merged,
    from: Vec<(Jinja, Jinja)>,
    recursive: bool,
    lists: &str,
) -> Result<(), Error> {
    for (key, value) in from {
        let Some(entry) = into.entry(&key)? else {
            into.pairs.push((key, value));
            continue;
        };
        let list = |v: &Jinja| matches!(v.kind(), ValueKind::Seq | ValueKind::Iterable);
        entry.1 = if recursive && entry.1.kind() == ValueKind::Map && value.kind() == ValueKind::Map
        {
            let mut inner = Merged::default();
            merge(&mut inner, pairs(&entry.1)?, false, "replace")?;
            merge(&mut inner, pairs(&value)?, recursive, lists)?;
            Jinja::from_pairs(inner.pairs)
        } else if list(&entry.1) && list(&value) && lists != "replace" {
            merged(items(&entry.1)?, items(&value)?, lists)?
        } else {
            value
        };
    }
    Ok(())
}

fn merged(old: Vec<Jinja>, new: Vec<Jinja>, how: &str) -> Result<Jinja, Error> {
    let without = |list: &[Jinja], other: &[Jinja]| -> Result<Vec<Jinja>, Error> {
        let other = Keys::of(other)?;
        let mut rest = Vec::new();
        for item in list {
            if !other.holds(item)? {
                rest.push(item.clone());
            }
        }
        Ok(rest)
    };
    budget::items(old.len() + new.len())?;
    Ok(Jinja::from(match how {
        "keep" => old,
        "append" => [old, new].concat(),
        "prepend" => [new, old].concat(),
        "append_rp" => [without(&old, &new)?, new].concat(),
        "prepend_rp" => {
            let rest = without(&old, &new)?;
            [new, rest].concat()
        }
        _ => return Err(wrong(format!("`list_merge` has no `{how}`"))),
    }))
}

fn dict2items(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, key, item] = bind(values, ["value", "key_name", "value_name"])?;
    let key = key.map_or(Ok("key".to_owned()), |k| text(&k))?;
    let item = item.map_or(Ok("value".to_owned()), |v| text(&v))?;
    let pairs = pairs(&value.unwrap_or(Jinja::UNDEFINED))?;
    budget::entries(pairs.len().saturating_mul(2))?;
    Ok(pairs
        .into_iter()
        .map(|(k, v)| Jinja::from_pairs([(key.as_str(), k), (item.as_str(), v)]))
        .collect())
}

fn items2dict(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, key, item] = bind(values, ["value", "key_name", "value_name"])?;
    let key = key.map_or(Ok("key".to_owned()), |k| text(&k))?;
    let item = item.map_or(Ok("value".to_owned()), |v| text(&v))?;
    let mut out = Merged::default();
    for one in items(&value.unwrap_or(Jinja::UNDEFINED))? {
        let (k, v) = (one.get_attr(&key)?, one.get_attr(&item)?);
        if k.is_undefined() || v.is_undefined() {
            return Err(wrong(format!("each item needs `{key}` and `{item}`")));
        }
        budget::entries(1)?;
        match out.entry(&k)? {
            Some(entry) => entry.1 = v,
            None => out.pairs.push((k, v)),
        }
    }
    Ok(Jinja::from_pairs(out.pairs))
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
