//! `landfall completions`: what a shell needs to complete our commands.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, Exit, Trouble};
use crate::view;

/// What `completions` takes.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Prints the completions.
pub fn run(args: &CompletionsArgs) -> Result<Exit, Trouble> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "landfall", &mut text);
    view::print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
