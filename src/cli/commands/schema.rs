//! `landfall schema`: the JSON Schemas of what others write for us and read from us.

use clap::Args;

use crate::cli::{CommandError, Exit};
use crate::declare::environment;
use crate::model::Failure;
use crate::{register, view};

/// What `schema` takes.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// That of the records which `targets export --format json` writes
    #[arg(long)]
    pub targets: bool,
}

/// Prints the schema.
pub fn run(args: &SchemaArgs) -> Result<Exit, CommandError> {
    let schema = if args.targets {
        register::schema()
    } else {
        environment::schema()
    };
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Failure::bug(format!("the schema cannot be written: {error}")))?;
    view::print(&format!("{text}\n"))?;
    Ok(Exit::Done)
}
