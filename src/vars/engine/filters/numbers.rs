//! Filters on numbers.

use minijinja::{Error, value::Value as Jinja};

use super::{attribute::attribute, table::Table};
use crate::vars::engine::{
    arguments::{bind, defined, items},
    arithmetic::add,
    comparison::order,
    mistake::wrong,
    python::text,
    types::number,
};

pub(super) const TABLE: Table = &[
    ("int", int),
    ("float", float),
    ("round", round),
    ("abs", abs),
    ("pow", |values| {
        let [base, power] = bind(values, ["x", "y"])?;
        Ok(Jinja::from(real(base)?.powf(real(power)?)))
    }),
    ("root", |values| {
        let [of, base] = bind(values, ["x", "base"])?;
        let base = base.map_or(Ok(2.0), |base| real(Some(base)))?;
        Ok(Jinja::from(real(of)?.powf(1.0 / base)))
    }),
    ("log", |values| {
        let [of, base] = bind(values, ["x", "base"])?;
        let of = real(of)?;
        Ok(Jinja::from(match base {
            Some(base) => of.log(real(Some(base))?),
            None => of.ln(),
        }))
    }),
    ("min", |values| extreme(values, std::cmp::Ordering::Less)),
    ("max", |values| extreme(values, std::cmp::Ordering::Greater)),
    ("sum", sum),
];

fn real(value: Option<Jinja>) -> Result<f64, Error> {
    value
        .as_ref()
        .and_then(number)
        .ok_or_else(|| wrong("a number is expected"))
}

/// What is no number is the default, as in Jinja.
fn int(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, other, base] = bind(values, ["value", "default", "base"])?;
    let value = value.unwrap_or(Jinja::UNDEFINED);
    let other = other.unwrap_or_else(|| Jinja::from(0));
    if let Some(number) = number(defined(&value)?) {
        if value.is_integer() {
            return Ok(value);
        }
        return Ok(Jinja::from(number.trunc() as i64));
    }
    let Some(text) = value.as_str() else {
        return Ok(other);
    };
    let text = text.trim().replace('_', "");
    let radix = base.and_then(|base| base.as_i64()).unwrap_or(10);
    let digits = match radix {
        16 => text.trim_start_matches("0x"),
        8 => text.trim_start_matches("0o"),
        2 => text.trim_start_matches("0b"),
        _ => text.as_str(),
    };
    let radix = u32::try_from(radix)
        .ok()
        .filter(|radix| (2..=36).contains(radix))
        .ok_or_else(|| wrong("a base lies between 2 and 36"))?;
    if let Ok(number) = i64::from_str_radix(digits, radix) {
        return Ok(Jinja::from(number));
    }
    Ok(match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Jinja::from(number.trunc() as i64),
        _ => other,
    })
}

fn float(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, other] = bind(values, ["value", "default"])?;
    let value = value.unwrap_or(Jinja::UNDEFINED);
    let found = number(defined(&value)?).or_else(|| value.as_str()?.trim().parse().ok());
    Ok(found.map_or_else(|| other.unwrap_or_else(|| Jinja::from(0.0)), Jinja::from))
}

fn round(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, precision, method] = bind(values, ["value", "precision", "method"])?;
    if let Some(value) = value.as_ref().filter(|value| value.is_integer()) {
        return Ok(value.clone());
    }
    let value = real(value)?;
    let places = precision.and_then(|p| p.as_i64()).unwrap_or(0);
    let factor = 10_f64.powi(i32::try_from(places).unwrap_or(0));
    let method = method.map_or(Ok("common".to_owned()), |m| text(&m))?;
    let scaled = value * factor;
    let rounded = match method.as_str() {
        "common" => scaled.round_ties_even(),
        "ceil" => scaled.ceil(),
        "floor" => scaled.floor(),
        _ => return Err(wrong("`round` knows `common`, `ceil` and `floor`")),
    };
    Ok(Jinja::from(rounded / factor))
}

fn abs(values: &[Jinja]) -> Result<Jinja, Error> {
    match values[0].as_i64() {
        Some(value) if values[0].is_integer() => Ok(Jinja::from(value.saturating_abs())),
        _ => real(Some(values[0].clone())).map(|value| Jinja::from(value.abs())),
    }
}

fn extreme(values: &[Jinja], wanted: std::cmp::Ordering) -> Result<Jinja, Error> {
    let [value, by] = bind(values, ["value", "attribute"])?;
    let key = |item: &Jinja| match &by {
        Some(path) => {
            let value = attribute(item, path)?;
            defined(&value).cloned()
        }
        None => Ok(item.clone()),
    };
    let mut best: Option<(Jinja, Jinja)> = None;
    for item in items(&value.unwrap_or(Jinja::UNDEFINED))? {
        let key = key(&item)?;
        let better = match &best {
            None => true,
            Some((so_far, _)) => {
                order(&key, so_far).ok_or_else(|| wrong("unlike things have no order"))? == wanted
            }
        };
        if better {
            best = Some((key, item));
        }
    }
    Ok(best.map_or(Jinja::UNDEFINED, |(_, item)| item))
}

fn sum(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, by, start] = bind(values, ["value", "attribute", "start"])?;
    let mut sum = start.unwrap_or_else(|| Jinja::from(0));
    for item in items(&value.unwrap_or(Jinja::UNDEFINED))? {
        let item = match &by {
            Some(path) => attribute(&item, path)?,
            None => item,
        };
        sum = add(&sum, &item)?;
    }
    Ok(sum)
}
