//! `landfall schema`: the JSON Schema of environment files.

use crate::cli::{CommandError, Exit};
use crate::declare::environment;
use crate::model::Failure;
use crate::view;

/// Prints the schema.
pub fn run() -> Result<Exit, CommandError> {
    let text = serde_json::to_string_pretty(&environment::schema())
        .map_err(|error| Failure::bug(format!("the schema cannot be written: {error}")))?;
    view::print(&format!("{text}\n"))?;
    Ok(Exit::Done)
}
