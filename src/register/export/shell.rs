//! Variables as a POSIX shell reads them.

use std::path::Path;

use super::{
    format::Format,
    selection::Selection,
    variables::{Variable, variables},
};
use crate::model::{Failure, shell_word};

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
    let line = |one: &Variable| format!("export {}={}\n", one.name, shell_word(&one.value));
    Ok(variables(selection)?.iter().map(line).collect())
}
