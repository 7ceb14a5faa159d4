//! Targets as variables, quoted so that a POSIX shell reads back what was meant.

use std::path::Path;

use super::{
    format::Format,
    selection::Selection,
    variables::{Variable, variables},
};
use crate::model::{Failure, shell_word};

/// A line a variable.
pub const DOTENV: Format = Format {
    name: "dotenv",
    about: "variables, quoted as dotenv libraries, compose and a shell read them",
    file: "targets.env",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let line = |one: &Variable| Ok(format!("{}={}\n", one.name, alike(one)?));
    variables(selection)?.iter().map(line).collect()
}

/// The value, quoted as all of them read it alike: for a shell a text in single quotes has no escapes, for others `\'` and
/// `\\` are some; in double quotes each has its own.
fn alike(Variable { name, value }: &Variable) -> Result<String, Failure> {
    if !value.contains(['\'', '\\']) {
        return Ok(shell_word(value));
    }
    if !value.contains(['\\', '"', '$', '`', '\n']) {
        return Ok(format!("\"{value}\""));
    }
    Err(Failure::new(
        "a value cannot be exported",
        format!("`{name}` is {value:?}, which a shell, compose and dotenv libraries would not read alike."),
    )
    .help("Export it as `shell` or `json`."))
}
