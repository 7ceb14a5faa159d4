//! `landfall check`: everything that can be known to be wrong without the network.

use clap::Args;

use super::{Context, Exit, Trouble, show};
use crate::declare::{self, Overrides};
use crate::view;

/// What `check` takes.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The environments; all of the project when none is named
    pub environments: Vec<String>,
}

/// Checks the environments and says for each what it declares. Gives every mistake of all of them.
pub fn run(args: &CheckArgs, context: &Context) -> Result<Exit, Trouble> {
    let root = context.root()?;
    let names = match args.environments.as_slice() {
        [] => declare::environments(&root),
        named => named.to_vec(),
    };
    let mut mistakes = Vec::new();
    for name in &names {
        match declare::load(&root, name, &Overrides::default()) {
            Ok(declaration) => {
                show::warnings(context, &declaration.warnings);
                if !context.json {
                    view::print(&format!(
                        "{name}: {} things declared, no mistakes\n",
                        declaration.nodes.len()
                    ))?;
                }
            }
            Err(found) => mistakes.extend(found),
        }
    }
    if mistakes.is_empty() {
        Ok(Exit::Done)
    } else {
        Err(mistakes.into())
    }
}
