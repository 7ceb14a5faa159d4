//! What stands in the place of the engine's own operators, because Python's answer differs.

use std::cmp::Ordering;

use minijinja::{
    Environment, Error, State,
    value::{Rest, Value as Jinja, ValueKind},
};

use super::{
    arguments::{defined, items, wrong},
    budget,
    convert::key_text,
    evaluation::of,
    keys,
    percent::format,
    python::{bounded, fits, grown, text},
};

/// How long a list may grow by `+` and `*`.
const MAX_ITEMS: usize = 200_000;
/// How much of a text is gone through in one step.
const STRIDE: usize = 64;

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

/// Values that stand for a failure become the failure.
pub(super) trait Validated: Sized {
    /// The value, or the failure that it stands for.
    fn validated(self) -> Result<Self, Error>;
}

impl Validated for Jinja {
    fn validated(self) -> Result<Self, Error> {
        if self.kind() == ValueKind::Invalid {
            // Iterating is what makes the engine give the failure back.
            return match self.try_iter() {
                Err(error) => Err(error),
                Ok(_) => Err(wrong("a value is invalid")),
            };
        }
        Ok(self)
    }
}

pub(super) fn is_list(value: &Jinja) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
}

/// A boolean or a number as a number.
pub(super) fn number(value: &Jinja) -> Option<f64> {
    match value.kind() {
        ValueKind::Bool => Some(f64::from(u8::from(value.is_true()))),
        ValueKind::Number => f64::try_from(value.clone()).ok(),
        _ => None,
    }
}

pub(super) fn whole(value: &Jinja) -> Option<i128> {
    match value.kind() {
        ValueKind::Bool => Some(i128::from(value.is_true())),
        ValueKind::Number if value.is_integer() => i128::try_from(value.clone()).ok(),
        _ => None,
    }
}

fn integer(value: i128) -> Result<Jinja, Error> {
    i64::try_from(value)
        .map(Jinja::from)
        .map_err(|_| wrong("a number grew too large"))
}

fn unlike(sign: &str, a: &Jinja, b: &Jinja) -> Error {
    wrong(format!(
        "`{sign}` does not work between {} and {}",
        a.kind(),
        b.kind()
    ))
}

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

fn times(a: &Jinja, b: &Jinja) -> Result<Jinja, Error> {
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

fn modulo(a: &Jinja, b: &Jinja) -> Result<Jinja, Error> {
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

/// `a < b <= c`, each sign as a text between its values.
fn compare(values: &[Jinja]) -> Result<bool, Error> {
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
    if depth > keys::DEEPEST {
        return Err(keys::too_deep());
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
