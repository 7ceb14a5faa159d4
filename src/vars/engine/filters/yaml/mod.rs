//! `to_yaml` and `to_nice_yaml`, as PyYAML writes with libyaml below it.

mod emitter;
mod scalar;

use minijinja::{Error, value::Value as Jinja};

use super::{data, table::Table};
use crate::vars::engine::{arguments::bind, convert, mistake::wrong, python::bounded};
use emitter::Emitter;

pub(super) const TABLE: Table = &[
    ("to_yaml", |values| write(values, 2, None)),
    ("to_nice_yaml", |values| write(values, 4, Some(false))),
];

/// Without a style, the innermost collections are written in brackets and the others as blocks.
fn write(values: &[Jinja], indent: usize, flow: Option<bool>) -> Result<Jinja, Error> {
    let [value, own_indent, sort_keys, width, style] = bind(
        values,
        [
            "value",
            "indent",
            "sort_keys",
            "width",
            "default_flow_style",
        ],
    )?;
    let mut value = convert::whole(&value.unwrap_or(Jinja::UNDEFINED))?;
    if sort_keys.is_none_or(|sort| sort.is_true()) {
        value = data::sorted(value);
    }
    let number = |name: &str, value: Option<Jinja>| match value.filter(|value| !value.is_none()) {
        Some(value) => value
            .as_i64()
            .map(Some)
            .ok_or_else(|| wrong(format!("`{name}` is a whole number"))),
        None => Ok(None),
    };
    let indent = number("indent", own_indent)?.map_or(indent, |own| {
        // What libyaml takes for an indentation.
        usize::try_from(own)
            .ok()
            .filter(|own| (2..10).contains(own))
            .unwrap_or(2)
    });
    let width = match number("width", width)? {
        Some(width) if width < 0 => usize::MAX,
        Some(width) => usize::try_from(width)
            .ok()
            .filter(|width| *width > indent * 2)
            .unwrap_or(80),
        None => 80,
    };
    let flow = match style {
        Some(style) if style.is_none() => None,
        Some(style) => Some(style.is_true()),
        None => flow,
    };
    bounded(Emitter::new(indent, width, flow).document(&value))
}
