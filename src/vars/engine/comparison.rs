//! Python's `==`, its order, `in`, and chains of them.

use std::cmp::Ordering;

use minijinja::{
    Error,
    value::{Value as Jinja, ValueKind},
};

use super::{
    arguments::{defined, items},
    budget::{self, STRIDE},
    mistake::{DEEPEST, too_deep, unlike, wrong},
    types::{is_list, number, whole},
};

/// `a < b <= c`, each sign as a text between its values.
pub(super) fn compare(values: &[Jinja]) -> Result<bool, Error> {
    let mut left = values.first().ok_or_else(|| wrong("nothing to compare"))?;
    for pair in values[1..].chunks(2) {
        let [sign, right] = pair else {
            return Err(wrong("nothing to compare with"));
        };
        let (a, b) = (defined(left)?, defined(right)?);
        let holds = match sign.as_str().unwrap_or_default() {
            "==" => equal(a, b)?,
            "!=" => !equal(a, b)?,
            "in" => contains(b, a)?,
            "not in" => !contains(b, a)?,
            sign => {
                let order = order(a, b).ok_or_else(|| unlike(sign, a, b))?;
                match sign {
                    "<" => order == Ordering::Less,
                    "<=" => order != Ordering::Greater,
                    ">" => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                }
            }
        };
        if !holds {
            return Ok(false);
        }
        left = right;
    }
    Ok(true)
}

/// Python's `==`: numbers and booleans by value, lists and mappings part by part, nothing across types.
pub(super) fn equal(a: &Jinja, b: &Jinja) -> Result<bool, Error> {
    equal_below(a, b, 0)
}

fn equal_below(a: &Jinja, b: &Jinja, depth: usize) -> Result<bool, Error> {
    compared(a, b, depth)?;
    if let (Some(x), Some(y)) = (whole(a), whole(b)) {
        return Ok(x == y);
    }
    if let (Some(x), Some(y)) = (number(a), number(b)) {
        return Ok(x == y);
    }
    if let (Some(x), Some(y)) = (a.as_str(), b.as_str()) {
        return Ok(x == y);
    }
    if is_list(a) && is_list(b) {
        let (mut a, mut b) = (a.try_iter()?.checked(), b.try_iter()?.checked());
        return loop {
            match (a.next().transpose()?, b.next().transpose()?) {
                (None, None) => break Ok(true),
                (Some(a), Some(b)) if equal_below(defined(&a)?, defined(&b)?, depth + 1)? => {}
                _ => break Ok(false),
            }
        };
    }
    if a.kind() == ValueKind::Map && b.kind() == ValueKind::Map {
        if a.len() != b.len() {
            return Ok(false);
        }
        for key in items(a)? {
            let other = b.get_item(&key)?;
            if other.is_undefined() || !equal_below(&a.get_item(&key)?, &other, depth + 1)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    Ok(a.is_none() && b.is_none())
}

/// Pays for comparing two values that lie so deep in others.
fn compared(a: &Jinja, b: &Jinja, depth: usize) -> Result<(), Error> {
    if depth > DEEPEST {
        return Err(too_deep());
    }
    let length = |value: &Jinja| value.as_str().map_or(0, str::len);
    budget::steps(1 + length(a).min(length(b)) / STRIDE)
}

/// Python's order; none between unlike types.
pub(super) fn order(a: &Jinja, b: &Jinja) -> Option<Ordering> {
    order_below(a, b, 0)
}

fn order_below(a: &Jinja, b: &Jinja, depth: usize) -> Option<Ordering> {
    // Whether it was paid for is seen at the end of the rendering.
    compared(a, b, depth).ok()?;
    if let (Some(x), Some(y)) = (whole(a), whole(b)) {
        return Some(x.cmp(&y));
    }
    if let (Some(x), Some(y)) = (number(a), number(b)) {
        return x.partial_cmp(&y);
    }
    if let (Some(x), Some(y)) = (a.as_str(), b.as_str()) {
        return Some(x.cmp(y));
    }
    if is_list(a) && is_list(b) {
        let (mut a, mut b) = (a.try_iter().ok()?, b.try_iter().ok()?);
        loop {
            match (a.next(), b.next()) {
                (Some(a), Some(b)) => match order_below(&a, &b, depth + 1)? {
                    Ordering::Equal => {}
                    other => return Some(other),
                },
                (a, b) => return Some(a.is_some().cmp(&b.is_some())),
            }
        }
    }
    None
}

/// Python's `in`.
pub(super) fn contains(all: &Jinja, one: &Jinja) -> Result<bool, Error> {
    if let Some(text) = all.as_str() {
        let one = one.as_str().ok_or_else(|| unlike("in", one, all))?;
        budget::steps(1 + text.len() / STRIDE)?;
        return Ok(text.contains(one));
    }
    if all.kind() == ValueKind::Map {
        return Ok(!all.get_item(one)?.is_undefined());
    }
    let has_none = |_| wrong(format!("{} has no items", all.kind()));
    for item in defined(all)?.try_iter().map_err(has_none)?.checked() {
        if equal(&item?, one)? {
            return Ok(true);
        }
    }
    Ok(false)
}
