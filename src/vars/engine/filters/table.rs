//! The shape of the filters' tables.

use minijinja::{Error, value::Value as Jinja};

/// A filter: the value and its arguments, to what it becomes.
pub(super) type Filter = fn(&[Jinja]) -> Result<Jinja, Error>;

/// Filters by their names.
pub(super) type Table = &'static [(&'static str, Filter)];
