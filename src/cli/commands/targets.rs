//! `landfall targets`: the places one can deploy to.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use similar::TextDiff;
use tokio_util::sync::CancellationToken;

use super::verify;
use crate::cli::session::Session;
use crate::cli::{CommandError, Context, Exit, ask, named_targets, output, show};
use crate::model::{Failure, Target, TargetKind, visible};
use crate::reading;
use crate::register::{self, DOTENV, FORMATS, Format, JSON, Selection, Standing};
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
    /// Show all that is known of a target
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
    Export {
        /// The environment
        environment: String,
        /// Only these targets
        targets: Vec<String>,
        /// The form: dotenv, or json with --json, when none is named
        #[arg(short, long, value_parser = formats())]
        format: Option<&'static Format>,
        /// Write files into this folder instead of printing
        #[arg(short, long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        /// Say whether this file, which CI has, is still what would be exported: exit code 2 when not
        #[arg(long, value_name = "FILE", conflicts_with = "out")]
        check: Option<PathBuf>,
    },
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

/// The forms, each with who reads it.
fn formats() -> impl TypedValueParser<Value = &'static Format> {
    let form = |format: &&Format| PossibleValue::new(format.name).help(format.about);
    PossibleValuesParser::new(FORMATS.iter().map(form))
        .try_map(|name| register::format(&name).ok_or("there is no such form"))
}

/// Does it. Fails when a named target is not registered.
pub async fn run(args: &TargetsArgs, context: &Context) -> Result<Exit, CommandError> {
    match &args.verb {
        TargetsVerb::List { environment } => {
            let targets = registered(context, environment).await?;
            if context.json {
                targets
                    .iter()
                    .try_for_each(|target| print_json(context, target))?;
            } else {
                view::print(&view::table(
                    &["name", "kind", "where", "registered", "verified"],
                    &table_rows(&targets)?,
                ))?;
            }
        }
        TargetsVerb::Show {
            environment,
            target,
        } => {
            let targets = named_targets::select(
                registered(context, environment).await?,
                std::slice::from_ref(target),
            )?;
            print_json(
                context,
                targets
                    .first()
                    .ok_or_else(|| Failure::bug("a target that was found is gone"))?,
            )?;
        }
        TargetsVerb::Export {
            environment,
            targets,
            format,
            out,
            check,
        } => {
            if let Some(folder) = out {
                output::EXPORT.folder(folder)?;
            }
            let one_by_name = targets.len() == 1;
            let targets = named_targets::select(registered(context, environment).await?, targets)?;
            let selection = Selection {
                targets: &targets,
                one_by_name,
            };
            let usual = if context.json { &JSON } else { &DOTENV };
            let format = format.unwrap_or(usual);
            if let Some(file) = check {
                return compare(context, &selection, format, file);
            }
            match out {
                None if context.json && format.name == JSON.name && !targets.is_empty() => {
                    targets
                        .iter()
                        .try_for_each(|target| print_json(context, target))?;
                }
                None => view::print(&register::export(&selection, format)?)?,
                Some(folder) => write(context, &selection, format, folder)?,
            }
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
            Err(Failure::new("there is no such target", format!("removing `{target}`")).left_behind("Nothing was changed.").into())
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
        Standing::Good => at.to_owned(),
        Standing::Failed(names) => format!("failed: {}", names.join(", ")),
        Standing::OtherRecord => "not since it was changed".to_owned(),
        Standing::Old(days) => format!("{days} days ago"),
    })
}

/// A target with all that is known of it: on one line for a program, indented for a person.
fn print_json(context: &Context, target: &Target) -> Result<(), Failure> {
    let written = if context.json {
        serde_json::to_string(target)
    } else {
        serde_json::to_string_pretty(target)
    };
    let text =
        written.map_err(|error| Failure::bug(format!("a target cannot be written: {error}")))?;
    view::print(&format!("{}\n", visible::json(&text)))
}

/// Whether the file is what would be exported; what differs is shown.
fn compare(
    context: &Context,
    selection: &Selection<'_>,
    format: &Format,
    file: &Path,
) -> Result<Exit, CommandError> {
    let has = reading::text(file, reading::WRITTEN).map_err(|error| {
        Failure::new(
            "the exported file cannot be read",
            format!("comparing {} with what is registered", file.display()),
        )
        .why(error)
    })?;
    // What `--out` wrote may name what lies beside it, which a printed text does not.
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut written = register::export_files(selection, format, folder)?.into_iter();
    let is_it = |one: &register::File| file.file_name().is_some_and(|name| name == one.name);
    let now = match written.find(is_it) {
        Some(one) => one.content,
        None => register::export(selection, format)?,
    };
    let name = file.display().to_string();
    if has == now {
        show::note(context, &format!("{name} is up to date."));
        return Ok(Exit::Done);
    }
    let difference = TextDiff::from_lines(&has, &now);
    let mut difference = difference.unified_diff();
    let difference = difference.header(&name, "what is registered").to_string();
    if !context.json {
        view::print(&visible::visible(&difference))?;
    }
    show::note(context, &format!("{name} is not up to date."));
    Ok(Exit::Changes)
}

fn write(
    context: &Context,
    selection: &Selection<'_>,
    format: &Format,
    folder: &Path,
) -> Result<(), Failure> {
    for file in register::export_files(selection, format, folder)? {
        let path = folder.join(file.name);
        output::EXPORT.write(&path, &file.content)?;
        show::note(context, &format!("Written: {}", path.display()));
    }
    Ok(())
}
