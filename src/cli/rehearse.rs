//! `landfall rehearse`: the same environment against an emulator and throwaway hosts.

use clap::Args;

use super::session::{Instead, Scale, Session};
use super::{Context, Exit, Trouble, apply, destroy, show};
use crate::declare::{self, Overrides};
use crate::model::{Class, Failure, Spec};
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
    let mut stage = Rehearsal::new(&say).await?;
    let rehearsed = tokio::select! {
        rehearsed = rehearse(args, context, &declaration, &mut stage) => rehearsed,
        () = interrupted() => Err(Failure::new("interrupted", "rehearsing").class(Class::Interrupted).into()),
    };
    if args.keep && rehearsed.is_ok() {
        say(&stage.describe());
        interrupted().await;
    }
    say("Taking the emulator and the throwaway hosts away");
    stage.end().await;
    rehearsed
}

async fn rehearse(
    args: &RehearseArgs,
    context: &Context,
    declaration: &declare::Declaration,
    stage: &mut Rehearsal<'_>,
) -> Result<Exit, Trouble> {
    let step = |line: &str| show::line(context, line);
    if declaration.aws.is_some() {
        stage.start_emulator().await?;
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
    let without_hosts = stage.boot_hosts(hosts.collect()).await?;
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
    let name = &args.environment;
    step("First: apply");
    let applied = Session::run(context, name, &instead, async |session| {
        apply::go(context, session, None, true).await
    })
    .await?;
    if applied != Exit::Done {
        return Ok(applied);
    }
    step("Second: a plan, which must be empty");
    Session::run(context, name, &instead, async |session| {
        let work = session.work(Scale::Declared).await?;
        let plan = plan::plan(&session.site, &work, session.limits()).await;
        session.site.events.shown().await;
        show::plan(context, &plan)?;
        super::plan::whole(context, &plan)?;
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
    let targets = Session::run(context, name, &instead, async |session| {
        Ok(session.backend.targets().list().await?)
    })
    .await?;
    for target in &targets {
        step(&stage.verify(target).await?);
    }
    view::print(&register::export(&targets, register::Format::Dotenv)?)?;
    if args.keep {
        return Ok(Exit::Done);
    }
    step("Last: destroy, which must leave nothing");
    let destroyed = Session::run(context, name, &instead, async |mut session| {
        session.site.typed = session.typed_all().await;
        destroy::go(context, session, true).await
    })
    .await?;
    Ok(match (destroyed, without_hosts) {
        (Exit::Done, Some(_)) => Exit::Partly,
        (exit, _) => exit,
    })
}

/// Ends when Ctrl-C is pressed or SIGTERM comes.
async fn interrupted() {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match terminate {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
