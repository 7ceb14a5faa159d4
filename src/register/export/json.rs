//! The records themselves.

use std::path::Path;

use super::{format::Format, selection::Selection};
use crate::model::{Failure, visible};

/// The records as a list, without their stamps.
pub const JSON: Format = Format {
    name: "json",
    about: "the records themselves, for programs",
    file: "targets.json",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    serde_json::to_string_pretty(&selection.records())
        .map(|text| format!("{}\n", visible::json(&text)))
        .map_err(|error| Failure::bug(format!("targets cannot be written: {error}")))
}
