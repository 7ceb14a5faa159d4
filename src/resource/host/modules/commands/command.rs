//! `command`: a program is run with its arguments, without a shell.

use crate::model::host::Command;
use crate::model::{Failure, Value};

use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::guarded_command::GuardedCommand;
use crate::resource::host::{expansion, shell_words};

/// The arguments of `command`.
pub const ARGUMENTS: &[&str] = &[
    "_raw_params",
    "cmd",
    "argv",
    "chdir",
    "creates",
    "removes",
    "stdin",
    "stdin_add_newline",
    "strip_empty_ends",
    "expand_argument_vars",
    "warn",
];

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<GuardedCommand, Failure> {
    arguments.exclusive("cmd", "argv")?;
    let argv = match arguments.given(&["argv"]) {
        Some((_, Value::Array(_))) => arguments.words(&["argv"])?.unwrap_or_default(),
        Some(_) => return Err(arguments.wrong("`argv` takes a list")),
        None => {
            let line = arguments.need(&["_raw_params", "cmd"])?;
            shell_words::split(&line).map_err(|why| arguments.wrong(format!("`{line}` {why}")))?
        }
    };
    if argv.is_empty() {
        return Err(arguments.wrong("no command was given"));
    }
    let expand = arguments.flag(&["expand_argument_vars"], true)?;
    let argv = argv
        .into_iter()
        .map(|word| {
            if expand {
                expansion::word(&word, context)
            } else {
                word
            }
        })
        .collect();
    GuardedCommand::read(
        Command {
            argv,
            ..Command::default()
        },
        arguments,
        context,
    )
}
