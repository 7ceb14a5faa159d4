//! A form in which targets are handed on.

use std::path::Path;

use super::selection::Selection;
use crate::model::Failure;

/// A form that CI, a deploy tool or ssh reads.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// Who reads it.
    pub about: &'static str,
    /// The name of its file, without a folder.
    pub file: &'static str,
    /// Whether its file is a program.
    pub program: bool,
    /// The text. With the folder that the files go into, the text may name those beside it.
    pub render: fn(&Selection<'_>, Option<&Path>) -> Result<String, Failure>,
    /// The forms whose files it names, which are written beside it.
    pub beside: &'static [&'static Format],
}
