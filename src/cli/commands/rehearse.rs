//! `landfall rehearse`: the same environment against an emulator and throwaway hosts.

use clap::Args;
use tokio_util::sync::CancellationToken;

use jiff::Timestamp;

use super::{apply, destroy, verify};
use crate::cli::opening::emulated_account;
use crate::cli::session::{PlanMode, Session, Substitutes};
use crate::cli::{CommandError, Context, Exit, show, signals::StopSignals};
use crate::declare::{self, Overrides};
use crate::model::{Failure, Spec};
use crate::plan;
use crate::register;
use crate::rehearse::{Rehearsal, install};
use crate::view;

/// What `rehearse` takes.
#[derive(Debug, Args)]
pub struct RehearseArgs {
    /// The environment
    pub environment: String,
    /// Install by package what this machine lacks, after saying what
    #[arg(long)]
    pub install: bool,
    /// Leave everything up until Ctrl-C
    #[arg(long)]
    pub keep: bool,
}

/// Applies, shows that a second plan is empty, verifies and exports the targets, and takes everything away again:
/// also after a failure and on Ctrl-C. The user's file, account and hosts are not touched.
///
/// Without a container engine the AWS half alone is rehearsed, which ends as partly done.
pub async fn run(args: &RehearseArgs, context: &Context) -> Result<Exit, CommandError> {
    let say = {
        let context = context.clone();
        move |line: &str| show::note(&context, line)
    };
    if args.install {
        install::install(&say).await?;
    }
    // Mistakes are told before anything is started.
    let declaration = declare::load(&context.root()?, &args.environment, &Overrides::default())?;
    let stop = interruption()?;
    let mut rehearsal = Rehearsal::new(&say).await?;
    let rehearsed = rehearse(args, context, &declaration, &mut rehearsal, &stop).await;
    say("Taking the emulator and the throwaway hosts away");
    rehearsal.end().await;
    rehearsed
}

async fn rehearse(
    args: &RehearseArgs,
    context: &Context,
    declaration: &declare::Declaration,
    rehearsal: &mut Rehearsal<'_>,
    stop: &CancellationToken,
) -> Result<Exit, CommandError> {
    let step = |line: &str| show::note(context, line);
    if declaration.aws.is_some() {
        until_stopped(stop, async { Ok(rehearsal.start_emulator().await?) }).await?;
    }
    let hosts = declaration
        .nodes
        .iter()
        .filter_map(|node| match &node.spec {
            Spec::Host { login, .. } => {
                let user = login
                    .get("user")
                    .and_then(|user| user.as_str())
                    .unwrap_or("root");
                Some((node.address.name.clone(), user.to_owned()))
            }
            _ => None,
        });
    // Not cut in the middle: a container that is being made would be left behind.
    let without_hosts = rehearsal.boot_hosts(hosts.collect(), stop).await?;
    if let Some(why) = &without_hosts {
        step("The hosts are not rehearsed, because there is no container engine:");
        view::say(&view::failure::render(why, context.style.err));
    }
    let substitutes = Substitutes {
        overrides: Overrides {
            backend: Some(rehearsal.backend()),
            hosts: rehearsal.logins(),
            keys: Some(rehearsal.keys()),
        },
        endpoint: rehearsal.endpoint(),
        known_hosts: Some(rehearsal.known_hosts()),
        without_hosts: without_hosts.is_some(),
    };
    let verified = until_stopped(
        stop,
        apply_and_verify(context, &args.environment, &substitutes),
    )
    .await?;
    if verified != Exit::Done {
        return Ok(verified);
    }
    let destroyed = if args.keep {
        let account = declaration.aws.as_ref().map(|aws| {
            let account = emulated_account(aws.account.as_deref());
            (account, aws.region.as_str())
        });
        step(&rehearsal.describe(account));
        stop.cancelled().await;
        Exit::Done
    } else {
        until_stopped(stop, destroy_all(context, &args.environment, &substitutes)).await?
    };
    Ok(match (destroyed, without_hosts) {
        (Exit::Done, Some(_)) => Exit::Partly,
        (exit, _) => exit,
    })
}

/// Applies, plans again, and tries the targets.
async fn apply_and_verify(
    context: &Context,
    name: &str,
    substitutes: &Substitutes,
) -> Result<Exit, CommandError> {
    let step = |line: &str| show::note(context, line);
    step("First: apply");
    let applied = Session::run(context, name, substitutes, async |session| {
        apply::run_in(context, session, None, true).await
    })
    .await?;
    if applied != Exit::Done {
        return Ok(applied);
    }
    step("Second: a plan, which must be empty");
    Session::run(context, name, substitutes, async |session| {
        let work = session.work(PlanMode::Normal).await?;
        let plan = plan::plan(&session.site, &work, session.limits()).await;
        session.site.events.shown().await;
        show::plan(context, &plan, &work)?;
        crate::cli::outcome::whole(context, &plan, crate::cli::doing::PLANNING)?;
        if plan.is_empty() {
            return Ok(());
        }
        Err(Failure::new(
            "the second plan is not empty",
            "planning again right after applying",
        )
        .why("What is shown above would change again at every run.")
        .into())
    })
    .await?;
    step("Third: the targets, verified and exported");
    let targets = Session::run(context, name, substitutes, async |session| {
        let targets = session.backend.targets().list().await?;
        let tried = {
            let releases = session.backend.releases();
            verify::verified(&targets, &releases, &session.entrance(None)).await?
        };
        for (target, checks) in targets.iter().zip(tried) {
            let stamp = register::stamp(target, checks, Timestamp::now())?;
            verify::show_one(context, &target.name, &stamp.checks, &stamp.at)?;
            if !stamp.passed() {
                return Err(Failure::new(
                    "a target does not work as CI will use it",
                    format!("verifying `{}` in a rehearsal", target.name),
                )
                .why("What failed is shown above.")
                .into());
            }
        }
        Ok(targets)
    })
    .await?;
    if targets.is_empty() {
        step("No target is declared, so that there is none to verify.");
    } else {
        show::targets(context, &targets, &context.root()?)?;
    }
    Ok(Exit::Done)
}

/// Destroys, as if the name of everything that holds data had been typed.
async fn destroy_all(
    context: &Context,
    name: &str,
    substitutes: &Substitutes,
) -> Result<Exit, CommandError> {
    show::note(context, "Last: destroy, which must leave nothing");
    Session::run(context, name, substitutes, async |mut session| {
        session.site.typed = session.all_names().await;
        destroy::run_in(context, session, true).await
    })
    .await
}

/// Does it until the rehearsal is interrupted.
async fn until_stopped<T>(
    stop: &CancellationToken,
    done: impl Future<Output = Result<T, CommandError>>,
) -> Result<T, CommandError> {
    tokio::select! {
        biased;
        () = stop.cancelled() => {
            Err(Failure::interrupted("rehearsing")
                .left_behind("Nothing: the emulator and the throwaway hosts are taken away.")
                .into())
        }
        done = done => done,
    }
}

/// Is cancelled by Ctrl-C, SIGTERM or the end of the terminal. Fails when they cannot be heard.
fn interruption() -> Result<CancellationToken, Failure> {
    let mut asked = StopSignals::receive()?;
    let stop = CancellationToken::new();
    let heard = stop.clone();
    tokio::spawn(async move {
        asked.next().await;
        heard.cancel();
    });
    Ok(stop)
}
