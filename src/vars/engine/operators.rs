//! What stands in the place of the engine's own operators, because Python's answer differs.

use minijinja::{
    Environment, Error, State,
    value::{Rest, Value as Jinja, ValueKind},
};

use super::{
    arguments::{defined, items},
    arithmetic::{add, modulo, times},
    budget::{self, STRIDE},
    comparison::compare,
    convert::key_text,
    evaluation::of,
    mistake::wrong,
    percent::format,
    python::{bounded, grown, text},
    types::Validated,
};

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_function("_get", get);
    environment.add_function("_add", |a: Jinja, b: Jinja| add(&a, &b));
    environment.add_function("_times", |a: Jinja, b: Jinja| times(&a, &b));
    environment.add_function("_modulo", |a: Jinja, b: Jinja| modulo(&a, &b));
    environment.add_function("_format", |template: Jinja, values: Rest<Jinja>| {
        bounded(format(&text(&template)?, &values)?)
    });
    environment.add_function("_cat", |values: Rest<Jinja>| {
        let mut out = String::new();
        for value in values.iter() {
            out.push_str(&text(defined(value)?)?);
            grown(&out)?;
        }
        bounded(out)
    });
    environment.add_function("_compare", |values: Rest<Jinja>| compare(&values));
    environment.add_function("_nothing", || Jinja::UNDEFINED);
    environment.add_function("_each", |value: Jinja| items(&value).map(|_| value));
    environment.add_function("_list_or_text", |value: Jinja| {
        // What is cut from it is a copy.
        budget::made(defined(&value)?.clone())
    });
    environment.add_function("_made", budget::made);
    environment.add_filter("_made", budget::made);
}

/// The path below a value; undefined as soon as a step is, so that `default` and `is defined` can be asked of it.
fn get(state: &mut State<'_, '_>, values: Rest<Jinja>) -> Result<Jinja, Error> {
    let [name, root, steps @ ..] = &values[..] else {
        return Err(wrong("a path needs a start"));
    };
    let mut value = root.clone();
    for (at, step) in steps.iter().enumerate() {
        defined(step)?;
        if !value.is_undefined() {
            value = item(&value, step)?;
            if value.is_undefined()
                && let Some(evaluation) = of(state)
            {
                let mut path = name.as_str().unwrap_or_default().to_owned();
                for step in &steps[..=at] {
                    path.push('.');
                    path.push_str(&key_text(step));
                }
                evaluation.missing(path);
            }
        }
    }
    Ok(value)
}

fn item(value: &Jinja, step: &Jinja) -> Result<Jinja, Error> {
    let index = step.as_i64().filter(|_| step.is_integer());
    if let (Some(text), Some(index)) = (value.as_str(), index) {
        budget::steps(1 + text.len() / STRIDE)?;
        let letter = at(index, text.chars().count()).and_then(|at| text.chars().nth(at));
        return Ok(letter.map_or(Jinja::UNDEFINED, |letter| Jinja::from(letter.to_string())));
    }
    let found = match (value.kind(), index) {
        (ValueKind::Seq | ValueKind::Iterable, Some(index)) => {
            // What counts its items gives each by its number.
            if let (ValueKind::Seq, Some(length)) = (value.kind(), value.len()) {
                return match at(index, length) {
                    Some(at) => value.get_item_by_index(at)?.validated(),
                    None => Ok(Jinja::UNDEFINED),
                };
            }
            let items = items(value)?;
            return Ok(at(index, items.len()).map_or(Jinja::UNDEFINED, |at| items[at].clone()));
        }
        (ValueKind::Map | ValueKind::Plain, _) => value.get_item(step)?,
        _ => match step.as_str() {
            Some(name) => value.get_attr(name).unwrap_or(Jinja::UNDEFINED),
            None => Jinja::UNDEFINED,
        },
    };
    found.validated()
}

fn at(index: i64, length: usize) -> Option<usize> {
    let index = if index < 0 {
        index + i64::try_from(length).ok()?
    } else {
        index
    };
    usize::try_from(index).ok().filter(|index| *index < length)
}
