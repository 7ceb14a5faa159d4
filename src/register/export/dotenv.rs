//! Targets as variables, quoted so that a POSIX shell reads back what was meant.

use std::path::Path;

use super::{format::Format, selection::Selection, shell::assignments};
use crate::model::Failure;

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
    assignments(selection, "")
}
