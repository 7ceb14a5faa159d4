//! Targets as variables, quoted so that a POSIX shell reads back what was meant.

use std::path::Path;

use super::{format::Format, selection::Selection, shell::quoted, variables::variables};
use crate::model::Failure;

/// A line a variable.
pub const DOTENV: Format = Format {
    name: "dotenv",
    about: "variables, quoted as dotenv libraries, compose and a shell read them",
    file: "targets.env",
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let line = |name: &str, value: &str| format!("{name}={}\n", quoted(value));
    let all = variables(selection)?;
    Ok(all.iter().map(|one| line(&one.name, &one.value)).collect())
}
