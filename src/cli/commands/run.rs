//! `landfall run`: runs a command once, in a new container of what is deployed.

use std::fs::File;
use std::os::fd::AsFd as _;

use clap::Args;

use crate::cli::deploy_entry::{Entry, enter};
use crate::cli::session::Session;
use crate::cli::{CommandError, Context, Exit, named_targets, passed_on::Lines, show};
use crate::connect::aws::OneOff;
use crate::connect::ssh::{Exec, Input};
use crate::model::{Address, EcsTarget, Failure, HostTarget, Kind, Target, TargetKind};
use crate::register::{self, Site};

/// What `run` takes.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The environment
    pub environment: String,
    /// The target
    pub target: String,
    /// The service whose image it runs; when none is named, the only one that runs an image of the target's, or the
    /// target's own on ECS
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// On ECS: the container of the service's task; when none is named, the only one that runs an image of the target's
    #[arg(long, value_name = "NAME")]
    pub container: Option<String>,
    /// The command and its arguments. Standard input is handed to it on a host; a task on ECS has none
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// Runs it, what it prints passed on, and ends with its exit code.
///
/// Fails when it cannot be run, with the code of that failure.
pub async fn run(args: &RunArgs, context: &Context) -> Result<Exit, CommandError> {
    let code = Session::with_backend_only(context, &args.environment, async |session| {
        let target = named_targets::one(&session, &args.target).await?;
        Ok(match &target.kind {
            TargetKind::Host(host) => on_host(&session, &target, host, args, context).await?,
            TargetKind::Ecs(ecs) => on_ecs(&session, &target, ecs, args, context).await?,
        })
    })
    .await?;
    match code {
        0 => Ok(Exit::Done),
        // Its meaning is the command's own, so that our table has none for it.
        code => std::process::exit(code),
    }
}

async fn on_host(
    session: &Session,
    target: &Target,
    host: &HostTarget,
    args: &RunArgs,
    context: &Context,
) -> Result<i32, Failure> {
    if args.container.is_some() {
        return Err(Failure::new(
            "a container is named by its service here",
            format!("running a command at `{}`", target.name),
        )
        .why("It is a host; `--container` is for tasks on ECS.")
        .left_behind("Nothing was run.")
        .help("Use --service NAME."));
    }
    let command = at(session, target, async |site| {
        register::one_off(&site, host, args.service.as_deref(), &args.command).await
    })
    .await?;
    let entry = Entry::of(session, target, host)?;
    let exec = Exec::connect(&entry.login, &target.name, entry.settings.clone()).await?;
    let mut out = Lines::of(context.redactor.clone(), std::io::stdout());
    let mut err = Lines::of(context.redactor.clone(), std::io::stderr());
    let streamed = exec.stream(
        &command,
        Input::of(std::io::stdin()),
        |piece: &[u8]| out.take(piece),
        |piece: &[u8]| err.take(piece),
    );
    let code = streamed.await;
    out.rest()?;
    err.rest()?;
    code
}

async fn on_ecs(
    session: &Session,
    target: &Target,
    ecs: &EcsTarget,
    args: &RunArgs,
    context: &Context,
) -> Result<i32, Failure> {
    let doing = || format!("running a command at `{}`", target.name);
    if is_file_with_content() {
        return Err(Failure::new("a task on ECS has no standard input", doing())
            .why("A file was given to be handed on, and nothing would read it.")
            .left_behind("Nothing was run.")
            .help(
                "Put it into a bucket that the task's role may read, and let the command fetch it.",
            ));
    }
    let (service, container) = (args.service.as_deref(), args.container.as_deref());
    let place = at(session, target, async |site| {
        register::one_off_task(&site, ecs, service, container).await
    })
    .await?;
    let one = OneOff {
        cluster: &place.cluster,
        service: &place.service,
        container: &place.container,
        command: &args.command,
    };
    let mut out = Lines::of(context.redactor.clone(), std::io::stdout());
    let mut passed = Ok(());
    let mut print = |line: &str| {
        if passed.is_ok() {
            passed = out.take(format!("{line}\n").as_bytes());
        }
    };
    let mut note = |text: &str| show::note(context, text);
    let aws = session.connections.account().await?;
    let code = tokio::select! {
        code = aws.run_once(&one, &mut print, &mut note) => code?,
        () = session.site.stop.cancelled() => {
            return Err(Failure::interrupted(doing())
                .left_behind("A task that was started runs on; its id is said above."));
        }
    };
    passed?;
    Ok(code)
}

/// Does something at the target, entered as CI enters it.
async fn at<T>(
    session: &Session,
    target: &Target,
    done: impl AsyncFnOnce(Site<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let entered = enter(session, target).await?;
    let address = Address::new(Kind::Target, &target.name);
    done(Site {
        target,
        world: entered.world.clone(),
        releases: &session.backend.releases(),
        run: &session.run,
        progress: &session.site.events.progress(&address),
        stop: &session.site.stop,
        seconds: 0,
    })
    .await
}

/// Whether standard input is a file with something in it. What a pipe will give cannot be known.
fn is_file_with_content() -> bool {
    let input = std::io::stdin().as_fd().try_clone_to_owned();
    let about = input.and_then(|input| File::from(input).metadata());
    about.is_ok_and(|about| about.is_file() && about.len() > 0)
}
