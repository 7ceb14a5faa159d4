//! Filters on lists.

use minijinja::{
    Error,
    value::{Value as Jinja, ValueKind},
};

use super::{attribute::attribute, table::Table};
use crate::vars::engine::{
    arguments::{Truth, bind, defined, items},
    budget,
    comparison::order,
    keys::Keys,
    mistake::wrong,
    python::{bounded, fits, grown, text},
    types::is_list,
};

pub(super) const TABLE: Table = &[
    ("length", length),
    ("count", length),
    ("list", |values| items(&values[0]).map(Jinja::from)),
    ("first", |values| {
        Ok(items(&values[0])?
            .into_iter()
            .next()
            .unwrap_or(Jinja::UNDEFINED))
    }),
    ("last", |values| {
        Ok(items(&values[0])?
            .into_iter()
            .next_back()
            .unwrap_or(Jinja::UNDEFINED))
    }),
    ("join", join),
    ("unique", unique),
    ("union", |values| {
        let (mut a, b) = two(values)?;
        a.extend(b);
        distinct(a).map(Jinja::from)
    }),
    ("intersect", |values| {
        let (a, b) = two(values)?;
        Ok(Jinja::from(distinct(only(a, &b, true)?)?))
    }),
    ("difference", |values| {
        let (a, b) = two(values)?;
        Ok(Jinja::from(distinct(only(a, &b, false)?)?))
    }),
    ("symmetric_difference", |values| {
        let (a, b) = two(values)?;
        let mut out = only(a.clone(), &b, false)?;
        out.extend(only(b, &a, false)?);
        Ok(Jinja::from(distinct(out)?))
    }),
    ("flatten", flatten),
    ("sort", sort),
    ("reverse", |values| {
        if let Some(text) = values[0].as_str() {
            return Ok(Jinja::from(text.chars().rev().collect::<String>()));
        }
        let mut items = items(&values[0])?;
        items.reverse();
        Ok(Jinja::from(items))
    }),
    ("zip", zip),
    ("product", product),
    ("subelements", subelements),
];

fn length(values: &[Jinja]) -> Result<Jinja, Error> {
    let value = defined(&values[0])?;
    value
        .len()
        .map(Jinja::from)
        .ok_or_else(|| wrong(format!("{} has no length", value.kind())))
}

fn join(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, between, by] = bind(values, ["value", "d", "attribute"])?;
    let by = by.filter(|by| !by.is_none());
    let between = between.map_or(Ok(String::new()), |d| text(&d))?;
    let list = items(&value.unwrap_or(Jinja::UNDEFINED))?;
    bounded(joined(&list, &between, by.as_ref())?)
}

/// The items' texts, or those of their attribute, with this between them.
pub(in crate::vars::engine) fn joined(
    list: &[Jinja],
    between: &str,
    by: Option<&Jinja>,
) -> Result<String, Error> {
    fits(list.len().saturating_sub(1).saturating_mul(between.len()))?;
    let mut out = String::new();
    for (at, item) in list.iter().enumerate() {
        if at > 0 {
            out.push_str(between);
        }
        let item = match by {
            Some(path) => attribute(item, path)?,
            None => item.clone(),
        };
        out.push_str(&text(&item)?);
        grown(&out)?;
    }
    Ok(out)
}

fn two(values: &[Jinja]) -> Result<(Vec<Jinja>, Vec<Jinja>), Error> {
    let [a, b] = bind(values, ["a", "b"])?;
    let b = b.ok_or_else(|| wrong("a second list is needed"))?;
    Ok((items(&a.unwrap_or(Jinja::UNDEFINED))?, items(&b)?))
}

fn distinct(list: Vec<Jinja>) -> Result<Vec<Jinja>, Error> {
    let mut seen = Keys::default();
    let mut out: Vec<Jinja> = Vec::new();
    for item in list {
        if seen.insert(defined(&item)?)? {
            out.push(item);
        }
    }
    Ok(out)
}

fn only(list: Vec<Jinja>, other: &[Jinja], wanted: bool) -> Result<Vec<Jinja>, Error> {
    let other = Keys::of(other)?;
    let mut out = Vec::new();
    for item in list {
        if other.holds(&item)? == wanted {
            out.push(item);
        }
    }
    Ok(out)
}

fn unique(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, case, by] = bind(values, ["value", "case_sensitive", "attribute"])?;
    let by = by.filter(|by| !by.is_none());
    // Jinja's own, which Ansible calls, does not tell upper from lower case unless it is asked to.
    let fold = !case.holds();
    let mut seen = Keys::default();
    let mut out = Vec::new();
    for item in items(&value.unwrap_or(Jinja::UNDEFINED))? {
        let mut key = match &by {
            Some(path) => defined(&attribute(&item, path)?)?.clone(),
            None => item.clone(),
        };
        if fold && let Some(text) = key.as_str() {
            budget::text(text.len())?;
            key = Jinja::from(text.to_lowercase());
        }
        if seen.insert(&key)? {
            out.push(item);
        }
    }
    Ok(Jinja::from(out))
}

fn flatten(values: &[Jinja]) -> Result<Jinja, Error> {
    fn into(value: &Jinja, levels: i64, skip: bool, out: &mut Vec<Jinja>) -> Result<(), Error> {
        for item in items(value)? {
            let list = matches!(item.kind(), ValueKind::Seq | ValueKind::Iterable);
            if skip && (item.is_none() || matches!(item.as_str(), Some("None" | "null"))) {
                continue;
            }
            if list && levels != 0 {
                into(&item, levels - 1, skip, out)?;
            } else {
                budget::items(1)?;
                out.push(item);
            }
        }
        Ok(())
    }
    let [value, levels, skip] = bind(values, ["value", "levels", "skip_nulls"])?;
    let levels = levels.and_then(|levels| levels.as_i64()).unwrap_or(50);
    let skip = skip.is_none_or(|skip| skip.is_true());
    let mut out = Vec::new();
    into(&value.unwrap_or(Jinja::UNDEFINED), levels, skip, &mut out)?;
    Ok(Jinja::from(out))
}

/// Unlike things have no order, as in Python.
fn sort(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, reverse, case, by] =
        bind(values, ["value", "reverse", "case_sensitive", "attribute"])?;
    let by = by.filter(|by| !by.is_none());
    let mut keyed = Vec::new();
    for item in items(&value.unwrap_or(Jinja::UNDEFINED))? {
        let mut key = match &by {
            Some(path) => defined(&attribute(&item, path)?)?.clone(),
            None => item.clone(),
        };
        if !case.holds()
            && let Some(text) = key.as_str()
        {
            budget::text(text.len())?;
            key = Jinja::from(text.to_lowercase());
        }
        keyed.push((key, item));
    }
    let mut unlike = false;
    keyed.sort_by(|a, b| {
        order(&a.0, &b.0).unwrap_or_else(|| {
            unlike = true;
            std::cmp::Ordering::Equal
        })
    });
    if unlike {
        return Err(wrong("unlike things have no order"));
    }
    if reverse.holds() {
        keyed.reverse();
    }
    Ok(keyed.into_iter().map(|(_, item)| item).collect())
}

fn zip(values: &[Jinja]) -> Result<Jinja, Error> {
    let lists: Vec<Vec<Jinja>> = values.iter().map(items).collect::<Result<_, _>>()?;
    let length = lists.iter().map(Vec::len).min().unwrap_or(0);
    budget::items(length.saturating_mul(lists.len() + 1))?;
    Ok((0..length)
        .map(|at| lists.iter().map(|list| list[at].clone()).collect::<Jinja>())
        .collect())
}

fn product(values: &[Jinja]) -> Result<Jinja, Error> {
    let mut rows: Vec<Vec<Jinja>> = vec![Vec::new()];
    for list in values {
        let list = items(list)?;
        if rows.len().saturating_mul(list.len()) > 100_000 {
            return Err(wrong("a product grew too large"));
        }
        let width = rows.first().map_or(0, Vec::len) + 2;
        budget::items(rows.len().saturating_mul(list.len()).saturating_mul(width))?;
        rows = rows
            .iter()
            .flat_map(|row| {
                list.iter().map(|item| {
                    let mut row = row.clone();
                    row.push(item.clone());
                    row
                })
            })
            .collect();
    }
    Ok(rows.into_iter().map(Jinja::from).collect())
}

fn subelements(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, path, skip] = bind(values, ["value", "subelements", "skip_missing"])?;
    let path = path.ok_or_else(|| wrong("`subelements` needs a key"))?;
    let path: Vec<Jinja> = match path.as_str() {
        Some(path) => path.split('.').map(Jinja::from).collect(),
        None if is_list(&path) => items(&path)?,
        None => {
            return Err(wrong(
                "`subelements` takes a key as a text or a list of keys",
            ));
        }
    };
    let value = value.unwrap_or(Jinja::UNDEFINED);
    let mut out = Vec::new();
    let elements: Vec<Jinja> = match defined(&value)?.kind() {
        ValueKind::Map => items(&value)?
            .iter()
            .map(|key| value.get_item(key))
            .collect::<Result<_, _>>()?,
        _ if is_list(&value) => items(&value)?,
        _ => {
            return Err(wrong(
                "`subelements` goes over a list or a mapping of mappings",
            ));
        }
    };
    for element in elements {
        if let Some(below) = below(&element, &path, skip.holds())? {
            for item in items(&below)? {
                budget::items(3)?;
                out.push(Jinja::from(vec![element.clone(), item]));
            }
        }
    }
    Ok(Jinja::from(out))
}

/// The list at the end of a path of keys; none where it is missing and may be.
fn below(element: &Jinja, path: &[Jinja], skip: bool) -> Result<Option<Jinja>, Error> {
    let mut value = element.clone();
    for key in path {
        if value.kind() != ValueKind::Map {
            return Err(wrong(format!("`{key}` is looked for in {}", value.kind())));
        }
        value = value.get_item(key)?;
        if value.is_undefined() {
            return if skip {
                Ok(None)
            } else {
                Err(wrong(format!("an element has no `{key}`")))
            };
        }
    }
    if is_list(&value) {
        Ok(Some(value))
    } else {
        Err(wrong(format!("{} is no list", value.kind())))
    }
}
