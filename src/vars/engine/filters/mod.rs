//! Filters: Ansible's own, and Jinja's where the engine answers otherwise.

mod attribute;
mod budgeted;
mod choose;
mod data;
mod hashes;
mod lists;
mod maps;
mod numbers;
mod paths;
mod regex;
mod select;
mod table;
mod text;
mod yaml;

use minijinja::{
    Environment,
    value::{Rest, Value as Jinja, ValueOrKwargs},
};

const TABLES: &[Table] = &[
    data::TABLE,
    hashes::TABLE,
    lists::TABLE,
    maps::TABLE,
    numbers::TABLE,
    paths::TABLE,
    regex::TABLE,
    text::TABLE,
    yaml::TABLE,
];

pub(super) use lists::joined;
pub(super) use regex::pattern;
pub(super) use text::replaced;

use super::budget;
use table::Table;

pub(super) fn register(environment: &mut Environment<'static>) {
    for (name, filter) in TABLES.iter().copied().flatten() {
        environment.add_filter(*name, move |values: Rest<ValueOrKwargs>| {
            let values: Vec<Jinja> = values.0.into_iter().map(Jinja::from).collect();
            budget::made(filter(&values)?)
        });
    }
    // These make nothing.
    for (name, filter) in choose::TABLE {
        environment.add_filter(*name, move |values: Rest<ValueOrKwargs>| {
            let values: Vec<Jinja> = values.0.into_iter().map(Jinja::from).collect();
            filter(&values)
        });
    }
    budgeted::register(environment);
    select::register(environment);
}
