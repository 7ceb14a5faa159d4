//! Filters that choose between values.

use minijinja::{Error, ErrorKind, value::Value as Jinja};

use super::table::Table;
use crate::vars::engine::{
    arguments::{Truth, bind, defined},
    mistake::wrong,
    python::text,
};

pub(super) const TABLE: Table = &[
    ("default", default),
    ("d", default),
    ("mandatory", mandatory),
    ("ternary", ternary),
    ("bool", boolean),
    ("type_debug", type_debug),
    ("string", |values| text(&values[0]).map(Jinja::from)),
];

fn default(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, other, also_false] = bind(values, ["value", "default_value", "boolean"])?;
    let value = value.unwrap_or(Jinja::UNDEFINED);
    let missing = value.is_undefined() || (also_false.holds() && !value.is_true());
    Ok(if missing {
        other.unwrap_or_else(|| Jinja::from(""))
    } else {
        value
    })
}

fn mandatory(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, message] = bind(values, ["value", "msg"])?;
    match (value, message) {
        (Some(value), _) if !value.is_undefined() => Ok(value),
        (_, Some(message)) => Err(wrong(text(&message)?)),
        _ => Err(ErrorKind::UndefinedError.into()),
    }
}

fn ternary(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, yes, no, none] = bind(values, ["value", "true_val", "false_val", "none_val"])?;
    let value = value.unwrap_or(Jinja::UNDEFINED);
    let chosen = match none {
        Some(none) if value.is_none() => Some(none),
        _ if defined(&value)?.is_true() => yes,
        _ => no,
    };
    chosen.ok_or_else(|| wrong("`ternary` needs a value for true and one for false"))
}

/// Ansible's notion: `yes`, `on`, `1` and `true` in any case are true, everything else is false.
fn boolean(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value] = bind(values, ["value"])?;
    let value = value.unwrap_or(Jinja::UNDEFINED);
    if defined(&value)?.is_none() {
        return Ok(value);
    }
    let text = text(&value)?.to_lowercase();
    Ok(Jinja::from(matches!(
        text.as_str(),
        "yes" | "on" | "1" | "true" | "1.0" | "y" | "t"
    )))
}

fn type_debug(values: &[Jinja]) -> Result<Jinja, Error> {
    use minijinja::value::ValueKind;
    let value = &values[0];
    Ok(Jinja::from(match value.kind() {
        ValueKind::None => "NoneType",
        ValueKind::Bool => "bool",
        ValueKind::Number if value.is_integer() => "int",
        ValueKind::Number => "float",
        ValueKind::String => "str",
        ValueKind::Seq | ValueKind::Iterable => "list",
        ValueKind::Map => "dict",
        _ => "Undefined",
    }))
}
