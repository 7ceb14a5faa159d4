//! Variables as a POSIX shell reads them.

use std::path::Path;

use super::{
    format::Format,
    selection::Selection,
    variables::{Variable, variables},
};
use crate::model::Failure;

/// `export NAME=value`, for `eval` and for `.`.
pub const SHELL: Format = Format {
    name: "shell",
    about: "`export NAME=value`, for a shell",
    file: "targets.sh",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let line = |one: &Variable| format!("export {}={}\n", one.name, quoted(&one.value));
    Ok(variables(selection)?.iter().map(line).collect())
}

/// The value as a word of the shell (POSIX 2.2.2): in single quotes unless every character is harmless.
pub fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}
