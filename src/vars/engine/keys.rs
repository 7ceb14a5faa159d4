//! What is equal in Python has one key, so that whether a list holds something is looked up instead of searched for.

use std::collections::{BTreeMap, HashSet};

use minijinja::{
    Error,
    value::{Value as Jinja, ValueKind},
};

use super::{
    arguments::defined,
    budget,
    mistake::{DEEPEST, too_deep},
    types::{is_list, number, whole},
};

/// A value as far as `==` sees it: `1`, `1.0` and `True` are one.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    None,
    Whole(i128),
    Fraction(u64),
    Text(String),
    List(Vec<Key>),
    Map(BTreeMap<Key, Key>),
    /// What is equal to nothing is told by where it stands.
    Other(usize),
}

/// The keys that were met.
#[derive(Default)]
pub(super) struct Keys(HashSet<Key>);

impl Keys {
    /// Those of all items.
    pub fn of(items: &[Jinja]) -> Result<Self, Error> {
        let mut keys = Self::default();
        for item in items {
            keys.insert(item)?;
        }
        Ok(keys)
    }

    /// Adds one; whether it was not there.
    pub fn insert(&mut self, item: &Jinja) -> Result<bool, Error> {
        let other = self.0.len();
        Ok(self.0.insert(key(item, other)?))
    }

    /// Whether there is one that is equal to it.
    pub fn holds(&self, item: &Jinja) -> Result<bool, Error> {
        Ok(self.0.contains(&key(item, usize::MAX)?))
    }
}

/// The key of a value.
pub(super) fn key(value: &Jinja, other: usize) -> Result<Key, Error> {
    below(value, other, 0)
}

fn below(value: &Jinja, other: usize, depth: usize) -> Result<Key, Error> {
    if depth > DEEPEST {
        return Err(too_deep());
    }
    budget::items(2)?;
    if let Some(whole) = whole(value) {
        return Ok(Key::Whole(whole));
    }
    if let Some(number) = number(value) {
        // Beyond this a float is no exact number of the other kind.
        return Ok(if number.fract() == 0.0 && number.abs() < 1e38 {
            Key::Whole(number as i128)
        } else {
            Key::Fraction(number.to_bits())
        });
    }
    if let Some(text) = value.as_str() {
        budget::text(text.len())?;
        return Ok(Key::Text(text.to_owned()));
    }
    if is_list(value) {
        let mut keys = Vec::new();
        for item in value.try_iter()?.checked() {
            keys.push(below(defined(&item?)?, other, depth + 1)?);
        }
        return Ok(Key::List(keys));
    }
    if value.kind() == ValueKind::Map {
        let mut keys = BTreeMap::new();
        for name in value.try_iter()?.checked() {
            let name = name?;
            let item = value.get_item(&name)?;
            keys.insert(
                below(&name, other, depth + 1)?,
                below(defined(&item)?, other, depth + 1)?,
            );
        }
        return Ok(Key::Map(keys));
    }
    Ok(if defined(value)?.is_none() {
        Key::None
    } else {
        Key::Other(other)
    })
}
