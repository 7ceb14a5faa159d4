//! `landfall rehearse`: the same environment against an emulator and throwaway hosts.

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::session::{Instead, Scale, Session};
use super::{Context, Exit, Trouble, apply, destroy, show, signals::Asked};
use crate::declare::{self, Overrides};
use crate::model::{Class, Failure, Spec};
use crate::plan;
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
pub async fn run(args: &RehearseArgs, context: &Context) -> Result<Exit, Trouble> {
    let say = {
        let context = context.clone();
        move |line: &str| show::line(&context, line)
    };
    if args.install {
        install::install(&say).await?;
    }
    // Mistakes are told before anything is started.
    let declaration = declare::load(&context.root()?, &args.environment, &Overrides::default())?;
    let stop = interruption()?;
    let mut stage = Rehearsal::new(&say).await?;
    let rehearsed = rehearse(args, context, &declaration, &mut stage, &stop).await;
    say("Taking the emulator and the throwaway hosts away");
    stage.end().await;
    rehearsed
}

async fn rehearse(
    args: &RehearseArgs,
    context: &Context,
    declaration: &declare::Declaration,
    stage: &mut Rehearsal<'_>,
    stop: &CancellationToken,
) -> Result<Exit, Trouble> {
    let step = |line: &str| show::line(context, line);
    if declaration.aws.is_some() {
        unless(stop, async { Ok(stage.start_emulator().await?) }).await?;
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
    let without_hosts = stage.boot_hosts(hosts.collect(), stop).await?;
    if let Some(why) = &without_hosts {
        step("The hosts are not rehearsed, because there is no container engine:");
        view::say(&view::failure::render(why, context.style.err));
    }
    let instead = Instead {
        overrides: Overrides {
            backend: Some(stage.backend()),
            hosts: stage.logins(),
            keys: Some(stage.keys()),
        },
        endpoint: stage.endpoint(),
        known_hosts: Some(stage.known_hosts()),
        without_hosts: without_hosts.is_some(),
    };
    let proved = unless(stop, prove(context, &args.environment, &instead, stage)).await?;
    if proved != Exit::Done {
        return Ok(proved);
    }
    let destroyed = if args.keep {
        step(&stage.describe());
        stop.cancelled().await;
        Exit::Done
    } else {
        unless(stop, take_away(context, &args.environment, &instead)).await?
    };
    Ok(match (destroyed, without_hosts) {
        (Exit::Done, Some(_)) => Exit::Partly,
        (exit, _) => exit,
    })
}

/// Applies, plans again, and tries the targets.
async fn prove(
    context: &Context,
    name: &str,
    instead: &Instead,
    stage: &Rehearsal<'_>,
) -> Result<Exit, Trouble> {
    let step = |line: &str| show::line(context, line);
    step("First: apply");
    let applied = Session::run(context, name, instead, async |session| {
        apply::go(context, session, None, true).await
    })
    .await?;
    if applied != Exit::Done {
        return Ok(applied);
    }
    step("Second: a plan, which must be empty");
    Session::run(context, name, instead, async |session| {
        let work = session.work(Scale::Declared).await?;
        let plan = plan::plan(&session.site, &work, session.limits()).await;
        session.site.events.shown().await;
        show::plan(context, &plan, &work)?;
        super::outcome::whole(context, &plan, super::doing::PLANNING)?;
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
    let targets = Session::run(context, name, instead, async |session| {
        Ok(session.backend.targets().list().await?)
    })
    .await?;
    for target in &targets {
        step(&stage.verify(target).await?);
    }
    show::targets(context, &targets)?;
    Ok(Exit::Done)
}

/// Destroys, as if the name of everything that holds data had been typed.
async fn take_away(context: &Context, name: &str, instead: &Instead) -> Result<Exit, Trouble> {
    show::line(context, "Last: destroy, which must leave nothing");
    Session::run(context, name, instead, async |mut session| {
        session.site.typed = session.typed_all().await;
        destroy::go(context, session, true).await
    })
    .await
}

/// Does it until the rehearsal is interrupted.
async fn unless<T>(
    stop: &CancellationToken,
    done: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    tokio::select! {
        biased;
        () = stop.cancelled() => {
            Err(Failure::new("interrupted", "rehearsing").class(Class::Interrupted).into())
        }
        done = done => done,
    }
}

/// Is cancelled by Ctrl-C, SIGTERM or the end of the terminal. Fails when they cannot be heard.
fn interruption() -> Result<CancellationToken, Failure> {
    let mut asked = Asked::hear()?;
    let stop = CancellationToken::new();
    let heard = stop.clone();
    tokio::spawn(async move {
        asked.next().await;
        heard.cancel();
    });
    Ok(stop)
}
