//! `landfall rollback`: has a registered target run what it ran a release before.

use clap::Args;

use super::deploy::{self, Patience};
use crate::cli::{CommandError, Context, Exit};

/// What `rollback` takes.
#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// The environment
    pub environment: String,
    /// The target
    pub target: String,
    /// How it is waited.
    #[command(flatten)]
    pub patience: Patience,
}

/// Goes back, and prints the release. Fails when there is none before, and as a deployment does.
pub async fn run(args: &RollbackArgs, context: &Context) -> Result<Exit, CommandError> {
    let (environment, target) = (&args.environment, &args.target);
    deploy::at(
        context,
        environment,
        target,
        &args.patience,
        "rollback",
        |_| Ok(None),
    )
    .await
}
