//! What filters that take an attribute's name look at.

use minijinja::{
    Error,
    value::{Value as Jinja, ValueKind},
};

use crate::vars::engine::types::Validated;

/// `a.b` of an item, or its item of that number.
pub(super) fn attribute(item: &Jinja, path: &Jinja) -> Result<Jinja, Error> {
    let Some(path) = path.as_str() else {
        return item.get_item(path)?.validated();
    };
    let mut value = item.clone();
    for step in path.split('.') {
        value = match step.parse::<usize>() {
            Ok(index) if value.kind() != ValueKind::Map => value.get_item_by_index(index)?,
            _ => value.get_attr(step)?,
        }
        .validated()?;
    }
    Ok(value)
}
