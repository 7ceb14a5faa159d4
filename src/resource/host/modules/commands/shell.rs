//! `shell`: a text is run by `/bin/sh` or another shell.

use crate::model::Failure;
use crate::model::host::Command;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::guarded_command::GuardedCommand;

/// The arguments of `shell`.
pub const ARGUMENTS: &[&str] = &[
    "_raw_params",
    "cmd",
    "chdir",
    "creates",
    "removes",
    "executable",
    "stdin",
    "stdin_add_newline",
    "warn",
];

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<GuardedCommand, Failure> {
    let line = Command {
        script: Some(arguments.need(&["_raw_params", "cmd"])?),
        shell: arguments.path(&["executable"])?,
        ..Command::default()
    };
    GuardedCommand::read(line, arguments, context)
}
