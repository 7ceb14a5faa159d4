//! Python's `+`, `*` and `%`, which also work on texts and lists.

use minijinja::{Error, value::Value as Jinja};

use super::{
    arguments::{defined, items},
    budget,
    mistake::{unlike, wrong},
    percent::format,
    python::{bounded, fits},
    types::{is_list, number, whole},
};

/// How long a list may grow by `+` and `*`.
const MAX_ITEMS: usize = 200_000;

/// Python's `+`: of numbers, texts and lists.
pub(super) fn add(a: &Jinja, b: &Jinja) -> Result<Jinja, Error> {
    let (a, b) = (defined(a)?, defined(b)?);
    if let (Some(x), Some(y)) = (whole(a), whole(b)) {
        return integer(x.saturating_add(y));
    }
    if let (Some(x), Some(y)) = (number(a), number(b)) {
        return Ok(Jinja::from(x + y));
    }
    if let (Some(x), Some(y)) = (a.as_str(), b.as_str()) {
        fits(x.len() + y.len())?;
        return bounded([x, y].concat());
    }
    if is_list(a) && is_list(b) {
        let mut sum = items(a)?;
        sum.extend(items(b)?);
        return limited(sum);
    }
    Err(unlike("+", a, b))
}

fn limited(items: Vec<Jinja>) -> Result<Jinja, Error> {
    if items.len() > MAX_ITEMS {
        return Err(wrong(format!("a list grew beyond {MAX_ITEMS} items")));
    }
    Ok(Jinja::from(items))
}

/// Python's `*`: of numbers, and a text or a list so many times.
pub(super) fn times(a: &Jinja, b: &Jinja) -> Result<Jinja, Error> {
    let (a, b) = (defined(a)?, defined(b)?);
    if let (Some(x), Some(y)) = (whole(a), whole(b)) {
        return integer(
            x.checked_mul(y)
                .ok_or_else(|| wrong("a number grew too large"))?,
        );
    }
    if let (Some(x), Some(y)) = (number(a), number(b)) {
        return Ok(Jinja::from(x * y));
    }
    let (many, count) = match (whole(a), whole(b)) {
        (None, Some(count)) => (a, count),
        (Some(count), None) => (b, count),
        _ => return Err(unlike("*", a, b)),
    };
    let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
    if let Some(text) = many.as_str() {
        fits(text.len().saturating_mul(count))?;
        return bounded(text.repeat(count));
    }
    if is_list(many) {
        let items = items(many)?;
        let length = items.len().saturating_mul(count);
        if length > MAX_ITEMS {
            return Err(wrong(format!("a list grew beyond {MAX_ITEMS} items")));
        }
        budget::items(length)?;
        return Ok(std::iter::repeat_n(items, count).flatten().collect());
    }
    Err(unlike("*", a, b))
}

/// Python's `%`: the rest of a division, whose sign is the divisor's, or a text with its `%` filled in.
pub(super) fn modulo(a: &Jinja, b: &Jinja) -> Result<Jinja, Error> {
    let (a, b) = (defined(a)?, defined(b)?);
    if let Some(template) = a.as_str() {
        return bounded(format(template, std::slice::from_ref(b))?);
    }
    if let (Some(x), Some(y)) = (whole(a), whole(b)) {
        if y == 0 {
            return Err(wrong("division by zero"));
        }
        return integer(((x % y) + y) % y);
    }
    match (number(a), number(b)) {
        (Some(_), Some(0.0)) => Err(wrong("division by zero")),
        (Some(x), Some(y)) => Ok(Jinja::from(x - y * (x / y).floor())),
        _ => Err(unlike("%", a, b)),
    }
}

fn integer(value: i128) -> Result<Jinja, Error> {
    i64::try_from(value)
        .map(Jinja::from)
        .map_err(|_| wrong("a number grew too large"))
}
