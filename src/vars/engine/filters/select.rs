//! Filters that take another filter or test by its name.
//!
//! The engine's own take an item without the attribute for one whose attribute is false; Ansible refuses it, for the
//! name may be misspelt. Only `defined` and `undefined` may be asked of what is not there.

use minijinja::{
    Environment, Error, State, filters,
    value::{Kwargs, Rest, Value as Jinja, ValueOrKwargs},
};

use super::attribute::attribute;
use crate::vars::engine::{
    arguments::{bind, defined, items},
    budget,
    evaluation::of,
    mistake::wrong,
    python::text,
};

/// A filter: whether it looks at an attribute, and whether it keeps what passes.
const TABLE: &[(&str, bool, bool)] = &[
    ("select", false, true),
    ("reject", false, false),
    ("selectattr", true, true),
    ("rejectattr", true, false),
];

pub(super) fn register(environment: &mut Environment<'static>) {
    for (name, by_attribute, keeps) in TABLE {
        environment.add_filter(*name, |state: &mut State, values: Rest<ValueOrKwargs>| {
            let values: Vec<Jinja> = values.0.into_iter().map(Jinja::from).collect();
            select(state, &values, *by_attribute, *keeps)
        });
    }
    environment.add_filter("map", |state: &mut State, values: Rest<ValueOrKwargs>| {
        let values: Vec<Jinja> = values.0.into_iter().map(Jinja::from).collect();
        map(state, &values)
    });
    environment.add_filter("groupby", groupby);
}

/// The engine's own, which would make a group of the items without the attribute.
fn groupby(
    state: &mut State<'_, '_>,
    list: Jinja,
    path: Option<Jinja>,
    options: Kwargs,
) -> Result<Jinja, Error> {
    let path = match path {
        Some(path) => path,
        None => options.get::<Jinja>("attribute")?,
    };
    for item in items(&list)? {
        defined_or_noted(state, &attribute(&item, &path)?, Some(&path))?;
    }
    let path = text(&path)?;
    budget::items(list.len().unwrap_or(0).saturating_mul(3))?;
    filters::groupby(list, Some(&path), options)
}

fn select(
    state: &mut State<'_, '_>,
    values: &[Jinja],
    by_attribute: bool,
    keeps: bool,
) -> Result<Jinja, Error> {
    let (list, rest) = values
        .split_first()
        .ok_or_else(|| wrong("a list is needed"))?;
    let (path, rest) = match (by_attribute, rest.split_first()) {
        (false, _) => (None, rest),
        (true, Some((path, rest))) if !path.is_kwargs() => (Some(path), rest),
        (true, _) => return Err(wrong("the name of an attribute is needed")),
    };
    let test = rest
        .split_first()
        .map(|(name, args)| Ok::<_, Error>((text(name)?, args)));
    let test = test.transpose()?;
    let mut out = Vec::new();
    for item in items(list)? {
        let value = match path {
            Some(path) => attribute(&item, path)?,
            None => item.clone(),
        };
        let passes = match &test {
            None => defined_or_noted(state, &value, path)?.is_true(),
            Some((name, args)) => {
                let value = match name.as_str() {
                    "defined" | "undefined" => &value,
                    _ => defined_or_noted(state, &value, path)?,
                };
                let mut args = args.to_vec();
                args.insert(0, value.clone());
                state.perform_test(name, &args)?
            }
        };
        if passes == keeps {
            budget::items(1)?;
            out.push(item);
        }
    }
    Ok(Jinja::from(out))
}

/// `map(attribute=…, default=…)`, or `map('filter', …)`.
fn map(state: &mut State<'_, '_>, values: &[Jinja]) -> Result<Jinja, Error> {
    let (list, rest) = values
        .split_first()
        .ok_or_else(|| wrong("a list is needed"))?;
    let mut out = Vec::new();
    match rest.split_first() {
        Some((name, args)) if !name.is_kwargs() => {
            let name = text(name)?;
            for item in items(list)? {
                budget::items(args.len() + 2)?;
                let mut args = args.to_vec();
                args.insert(0, item);
                out.push(state.apply_filter(&name, &args)?);
            }
        }
        _ => {
            let [path, other] = bind(rest, ["attribute", "default"])?;
            let path = path.ok_or_else(|| wrong("`map` needs a filter or `attribute`"))?;
            for item in items(list)? {
                let value = attribute(&item, &path)?;
                budget::items(1)?;
                out.push(match &other {
                    Some(other) if value.is_undefined() => other.clone(),
                    _ => defined_or_noted(state, &value, Some(&path))?.clone(),
                });
            }
        }
    }
    Ok(Jinja::from(out))
}

/// The value, unless it is undefined; which attribute is missing is kept for the message.
fn defined_or_noted<'a>(
    state: &State<'_, '_>,
    value: &'a Jinja,
    path: Option<&Jinja>,
) -> Result<&'a Jinja, Error> {
    if value.is_undefined()
        && let (Some(evaluation), Some(path)) = (of(state), path)
    {
        evaluation.missing(format!("….{path}"));
    }
    defined(value)
}
