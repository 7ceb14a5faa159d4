//! What stands on the command line.

use clap::{Parser, Subcommand};

use super::commands::{
    apply, certificates, check, completions, deploy, destroy, host, init, plan, rehearse, releases,
    rollback, run, schema, targets,
};
use super::exit;
use super::global_flags::GlobalFlags;

/// From a bare AWS account, or a bare Ubuntu or Debian host, to a registered deploy target that CI can use.
#[derive(Debug, Parser)]
#[command(name = "landfall", version, max_term_width = 100, after_help = exit::TABLE)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// The flags that every command takes.
    #[command(flatten)]
    pub global: GlobalFlags,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write a commented environment to start from
    Init(init::InitArgs),
    /// Say everything that is wrong with an environment, without the network
    Check(check::CheckArgs),
    /// Show what would change, in AWS and on every host
    Plan(plan::PlanArgs),
    /// Do it: an environment after showing its plan, or exactly a saved plan
    Apply(apply::ApplyArgs),
    /// Take away what was made
    Destroy(destroy::DestroyArgs),
    /// Do all of it against an AWS emulator and throwaway hosts
    Rehearse(rehearse::RehearseArgs),
    /// List, show, verify, export and remove the places one can deploy to
    Targets(targets::TargetsArgs),
    /// Show the certificates that hosts are given and serve
    Certificates(certificates::CertificatesArgs),
    /// Have a target run these images
    ///
    /// Where the target is a host, an image `app` is the variable IMAGE_APP of its compose file: `image: ${IMAGE_APP}`.
    /// Services with the profile `before-deploy` are run once before the containers are exchanged, those with
    /// `after-deploy` once afterwards. What does not come up gives way to the release before.
    Deploy(deploy::DeployArgs),
    /// Have a target run what it ran a release before
    ///
    /// Again, it goes a further release back. Services with the profile `before-deploy` or `after-deploy` are not run.
    Rollback(rollback::RollbackArgs),
    /// List what was deployed to a target
    Releases(releases::ReleasesArgs),
    /// Run a command once, in a new container of what is deployed
    ///
    /// Its standard input is ours, and we end with its exit code: landfall run production web -- psql < initial_data.sql
    Run(run::RunArgs),
    /// Make the first contact with a host
    Host(host::HostArgs),
    /// Print the JSON Schema of environment files, for editors, or of the records of targets
    Schema(schema::SchemaArgs),
    /// Print the completions of a shell
    Completions(completions::CompletionsArgs),
}
