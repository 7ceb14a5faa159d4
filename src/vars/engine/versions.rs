//! `x is version(…)`: versions part by part, as Python's `LooseVersion` orders them.

use std::cmp::Ordering;

use minijinja::{Error, value::Value as Jinja};

use super::{
    arguments::{Truth, bind},
    mistake::wrong,
    python::text,
};

/// Compares two versions. The other orders that Ansible knows, `strict` among them, are refused.
pub(super) fn version(values: &[Jinja]) -> Result<bool, Error> {
    let [value, other, sign, strict, kind] = bind(
        values,
        ["value", "version", "operator", "strict", "version_type"],
    )?;
    let kind = kind.filter(|kind| !kind.is_none());
    if strict.holds() {
        return Err(wrong("`version` compares loosely here, not by `strict`"));
    }
    if let Some(kind) = kind.map(|kind| text(&kind)).transpose()?
        && kind != "loose"
    {
        return Err(wrong(format!(
            "`version` compares loosely here, not by `version_type={kind}`"
        )));
    }
    let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
    let other = text(&other.ok_or_else(|| wrong("a version is needed"))?)?;
    if value.is_empty() || other.is_empty() {
        return Err(wrong("`version` compares an empty text"));
    }
    let sign = sign.map_or(Ok("eq".to_owned()), |sign| text(&sign))?;
    let order = order(&value, &other)?;
    Ok(match sign.as_str() {
        "<" | "lt" => order.is_lt(),
        "<=" | "le" => order.is_le(),
        ">" | "gt" => order.is_gt(),
        ">=" | "ge" => order.is_ge(),
        "=" | "==" | "eq" => order.is_eq(),
        "!=" | "<>" | "ne" => order.is_ne(),
        _ => return Err(wrong(format!("`version` has no operator `{sign}`"))),
    })
}

#[derive(PartialEq)]
enum Part<'a> {
    Word(&'a str),
    Number(u128),
}

/// The order of the first parts that differ. A word and a number have none.
fn order(a: &str, b: &str) -> Result<Ordering, Error> {
    let (parts, others) = (parts(a), parts(b));
    for pair in parts.iter().zip(&others) {
        let order = match pair {
            (Part::Number(one), Part::Number(other)) => one.cmp(other),
            (Part::Word(one), Part::Word(other)) => one.cmp(other),
            _ => {
                return Err(wrong(format!(
                    "the versions `{a}` and `{b}` have no order: one has a word where the other has a number"
                )));
            }
        };
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(parts.len().cmp(&others.len()))
}

/// Digits, small letters, and everything else between them are parts of their own; dots only part.
fn parts(version: &str) -> Vec<Part<'_>> {
    let class = |c: char| match c {
        '0'..='9' => 0,
        'a'..='z' => 1,
        '.' => 2,
        _ => 3,
    };
    let mut parts = Vec::new();
    let mut rest = version;
    while let Some(first) = rest.chars().next() {
        let end = rest
            .find(|c| class(c) != class(first))
            .unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        match part.parse() {
            _ if first == '.' => {}
            Ok(number) => parts.push(Part::Number(number)),
            Err(_) => parts.push(Part::Word(part)),
        }
        rest = after;
    }
    parts
}
