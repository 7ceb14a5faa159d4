//! `landfall targets`: the places one can deploy to.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::export::{self, ExportArgs};
use super::releases::{Listed, listed};
use super::verify;
use crate::backend::Release;
use crate::cli::session::Session;
use crate::cli::{CommandError, Context, Exit, ask, named_targets, show};
use crate::model::{Failure, Target, TargetKind, shell_word};
use crate::register::{self, Standing};
use crate::view;

/// What `targets` takes.
#[derive(Debug, Args)]
pub struct TargetsArgs {
    /// What to do with them
    #[command(subcommand)]
    pub verb: TargetsVerb,
}

/// What can be done with targets.
#[derive(Debug, Subcommand)]
pub enum TargetsVerb {
    /// List the targets of an environment
    List {
        /// The environment
        environment: String,
    },
    /// Show all that is known of a target, its last releases among it
    Show {
        /// The environment
        environment: String,
        /// The target
        target: String,
    },
    /// Hand targets on in a form that CI, ssh or a program reads
    ///
    /// Each variable begins with its target's name (`WEB_1_SSH_USER`), so that it keeps its name when another target is
    /// added. Those of one target that is named here have none in front: `SSH_USER`.
    Export(ExportArgs),
    /// Use targets the way CI will use them, and write down what came out
    ///
    /// Logs in with the key pair that CI has and nothing else, tries what a deployment does and what must be refused, and
    /// looks from outside at certificates and ports. Nothing is changed there.
    Verify {
        /// The environment
        environment: String,
        /// Only these targets
        targets: Vec<String>,
        /// Log in by this private key rather than by the one that the record names
        #[arg(long, value_name = "FILE")]
        identity: Option<PathBuf>,
    },
    /// Take a target off the register; what it stands for stays
    Remove {
        /// The environment
        environment: String,
        /// The target
        target: String,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Does it. Fails when a named target is not registered.
pub async fn run(args: &TargetsArgs, context: &Context) -> Result<Exit, CommandError> {
    match &args.verb {
        TargetsVerb::List { environment } => {
            let (targets, missing) =
                Session::with_backend_only(context, environment, async |session| {
                    let targets = session.backend.targets().list().await?;
                    let missing = verify::unregistered(&session.declaration, &targets);
                    let missing: Vec<String> = missing.into_iter().map(str::to_owned).collect();
                    Ok((targets, missing))
                })
                .await?;
            if context.json {
                targets
                    .iter()
                    .try_for_each(|target| export::record(context, target))?;
            } else if !targets.is_empty() {
                view::print(&view::table(
                    &["name", "kind", "where", "registered", "verified"],
                    &table_rows(&targets)?,
                    context.style.out,
                ))?;
            } else if missing.is_empty() {
                show::note(context, &verify::none(environment));
            }
            // A program reads the records alone.
            if !missing.is_empty() && !context.json {
                let names = missing.join(", ");
                let line = format!(
                    "Declared and not registered: {names}. `landfall apply {}` registers what is declared.",
                    shell_word(environment)
                );
                show::note(context, &line);
            }
        }
        TargetsVerb::Show {
            environment,
            target,
        } => {
            let shown = Session::with_backend_only(context, environment, async |session| {
                let target = named_targets::one(&session, target).await?;
                let releases = session.backend.releases().list(&target.name).await?;
                Ok(Shown::of(target, releases))
            })
            .await?;
            export::record(context, &shown)?;
        }
        TargetsVerb::Export(args) => {
            args.refuse()?;
            let targets = registered(context, &args.environment).await?;
            let targets = named_targets::select(targets, &args.environment, &args.targets)?;
            return export::run(args, context, &targets).await;
        }
        TargetsVerb::Verify {
            environment,
            targets,
            identity,
        } => return verify::run(context, environment, targets, identity.as_deref()).await,
        TargetsVerb::Remove {
            environment,
            target,
            yes,
        } => {
            if !yes {
                named_targets::select(
                    registered(context, environment).await?,
                    environment,
                    std::slice::from_ref(target),
                )?;
                let question = format!("Take `{target}` off the register?");
                ask::confirm(context, &question, &CancellationToken::new()).await?;
            }
            remove(context, environment, target).await?;
        }
    }
    Ok(Exit::Done)
}

/// How many releases are shown with a target; `landfall releases` lists them all.
const LAST: usize = 10;

/// A target, and what was deployed to it last.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    target: Target,
    /// The newest first.
    releases: Vec<Listed>,
}

impl Shown {
    fn of(target: Target, releases: Vec<Release>) -> Self {
        Self {
            target,
            releases: listed(releases).take(LAST).collect(),
        }
    }
}

async fn registered(context: &Context, environment: &str) -> Result<Vec<Target>, CommandError> {
    Session::with_backend_only(context, environment, async |session| {
        Ok(session.backend.targets().list().await?)
    })
    .await
}

async fn remove(context: &Context, environment: &str, target: &str) -> Result<(), CommandError> {
    Session::with_backend_only(context, environment, async |session| {
        let guard = session.backend.lock().acquire("targets remove", &session.run).await?;
        let removed = session.backend.targets().remove(target).await;
        guard.release().await?;
        if removed? {
            show::note(context, &format!("`{target}` is off the register. While it is declared, apply registers it again."));
            Ok(())
        } else {
            let registered = session.backend.targets().list().await?;
            Err(named_targets::unregistered(target, environment, &registered).into())
        }
    })
    .await
}

fn table_rows(targets: &[Target]) -> Result<Vec<Vec<String>>, Failure> {
    let now = Timestamp::now();
    let row = |target: &Target| {
        let (kind, location) = match &target.kind {
            TargetKind::Ecs(ecs) => (
                "ecs",
                format!("{}/{} in {}", ecs.cluster, ecs.service, ecs.region),
            ),
            TargetKind::Host(host) if host.port == 22 => {
                ("host", format!("{}@{}", host.user, host.address))
            }
            TargetKind::Host(host) => (
                "host",
                format!("{}@{}:{}", host.user, host.address, host.port),
            ),
        };
        Ok(vec![
            target.name.clone(),
            kind.to_owned(),
            location,
            target.registered.clone(),
            verified(target, now)?,
        ])
    };
    targets.iter().map(row).collect()
}

/// What its last verification says of a target now.
fn verified(target: &Target, now: Timestamp) -> Result<String, Failure> {
    let stamp = target.verified.as_ref();
    let at = stamp.map(|stamp| stamp.at.as_str()).unwrap_or_default();
    Ok(match register::standing(target, now)? {
        Standing::Never => "never".to_owned(),
        // Without the private key nobody was let in, and little was tried.
        Standing::Good if stamp.is_some_and(|stamp| !stamp.logged_in()) => {
            format!("{at}, without a login")
        }
        Standing::Good => at.to_owned(),
        Standing::Failed(names) => format!("failed: {}", names.join(", ")),
        Standing::OtherRecord => "not since it was changed".to_owned(),
        Standing::Old(days) => format!("{days} days ago"),
    })
}
