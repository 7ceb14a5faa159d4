//! Filters of the engine's own that do not ask themselves how much they make.

use std::fmt::{self, Write};

use minijinja::{
    Environment, Error, State, filters,
    value::{Kwargs, Value as Jinja},
};

use crate::vars::engine::{
    MAX_TEXT,
    arguments::items,
    budget,
    python::{bounded, fits, text},
};

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("batch", batch);
    environment.add_filter("slice", slice);
    environment.add_filter("dictsort", |value: Jinja, options: Kwargs| {
        budget::entries(value.len().unwrap_or(0))?;
        filters::dictsort(&value, options)
    });
    environment.add_filter("lines", |value: Jinja| {
        budget::items(text(&value)?.lines().count())?;
        filters::lines(&value)
    });
    environment.add_filter("pprint", |value: Jinja| {
        let mut out = Short(String::new());
        match write!(out, "{value:#?}") {
            Ok(()) => bounded(out.0),
            Err(_) => Err(fits(usize::MAX).err().unwrap_or_else(|| fmt::Error.into())),
        }
    });
}

/// A text that takes no more than a template may yield.
struct Short(String);

impl Write for Short {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        if self.0.len() + more.len() > MAX_TEXT {
            return Err(fmt::Error);
        }
        self.0.push_str(more);
        Ok(())
    }
}

/// Rows of so many items, the last one filled up.
fn batch(
    state: &mut State<'_, '_>,
    value: Jinja,
    count: usize,
    fill: Option<Jinja>,
) -> Result<Jinja, Error> {
    let length = items(&value)?.len();
    if fill.is_some() && length > 0 {
        budget::items(count)?;
    }
    budget::items(length.saturating_mul(2))?;
    filters::batch(state, value, count, fill)
}

/// So many columns.
fn slice(
    state: &mut State<'_, '_>,
    value: Jinja,
    count: usize,
    fill: Option<Jinja>,
) -> Result<Jinja, Error> {
    let length = items(&value)?.len();
    budget::items(length.saturating_add(count.saturating_mul(2)))?;
    filters::slice(state, value, count, fill)
}
