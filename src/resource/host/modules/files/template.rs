//! `template`: as `copy`, its content rendered before.

use crate::model::Failure;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::modules::files::copy::{self, Copying};

/// The arguments of `template`. The last ones are read where it is rendered.
pub const ARGUMENTS: &[&str] = &[
    "dest",
    "path",
    "src",
    "force",
    "validate",
    "backup",
    "follow",
    "mode",
    "owner",
    "group",
    "newline_sequence",
    "block_start_string",
    "block_end_string",
    "variable_start_string",
    "variable_end_string",
    "comment_start_string",
    "comment_end_string",
    "trim_blocks",
    "lstrip_blocks",
    "output_encoding",
];

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<Copying, Failure> {
    arguments.need(&["src"])?;
    copy::read(arguments, context)
}
