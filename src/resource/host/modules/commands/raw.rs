//! `raw`: as `shell`, without most of its options.

use crate::model::Failure;
use crate::model::host::Command;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::guarded_command::GuardedCommand;

/// The arguments of `raw`.
pub const ARGUMENTS: &[&str] = &["_raw_params", "executable"];

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<GuardedCommand, Failure> {
    let line = Command {
        script: Some(arguments.need(&["_raw_params"])?),
        shell: arguments.path(&["executable"])?,
        ..Command::default()
    };
    GuardedCommand::read(line, arguments, context)
}
