//! `landfall completions`: what a shell needs to complete our commands.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::{CommandError, Exit};
use crate::view;

/// What `completions` takes.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Prints the completions of this command line.
pub fn run(args: &CompletionsArgs, mut landfall: Command) -> Result<Exit, CommandError> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut landfall, "landfall", &mut text);
    view::print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
