//! `landfall deploy`: has a registered target run these images.

use clap::Args;

use crate::cli::commands::releases;
use crate::cli::deploy_entry::enter;
use crate::cli::named_targets;
use crate::cli::session::Session;
use crate::cli::{CommandError, Context, Exit, show};
use crate::model::{Address, Event, Failure, Kind, Target};
use crate::register::{self, Deployed, Images, Site};

/// What `deploy` takes.
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// The environment
    pub environment: String,
    /// The target
    pub target: String,
    /// An image of the target's by its name: app=docker.io/example/review:1.4, or with @sha256:… instead of the tag
    #[arg(short, long = "image", value_name = "NAME=IMAGE", required = true)]
    pub images: Vec<String>,
    /// How it is waited.
    #[command(flatten)]
    pub patience: Patience,
}

/// How long new containers are waited for.
#[derive(Debug, Args)]
pub struct Patience {
    /// How long new containers on a host may take until they run and are healthy
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
}

/// Deploys, and prints the release.
///
/// Fails when the target is not registered, when an image is none of its, when another run is at work, and as the
/// deployment does.
pub async fn run(args: &DeployArgs, context: &Context) -> Result<Exit, CommandError> {
    at(
        context,
        &args.environment,
        &args.target,
        &args.patience,
        "deploy",
        |target| register::choose(target, &args.images).map(Some),
    )
    .await
}

/// Does it under the environment's lock: deploys what `choose` makes of the target, or goes a release back when that is
/// nothing.
pub async fn at(
    context: &Context,
    environment: &str,
    target: &str,
    patience: &Patience,
    verb: &str,
    choose: impl FnOnce(&Target) -> Result<Option<Images>, Failure>,
) -> Result<Exit, CommandError> {
    Session::with_backend_only(context, environment, async |session| {
        let target = named_targets::one(&session, target).await?;
        let images = choose(&target)?;
        let purpose = format!("{verb} {}", target.name);
        let says = context.clone();
        let guard = session
            .backend
            .lock()
            .saying(move |line| show::note(&says, line))
            .acquire(&purpose, &session.run)
            .await?;
        if let Some(note) = guard.note() {
            show::note(context, note);
        }
        let done = {
            let working = work(&session, &target, images.as_ref(), patience.timeout);
            tokio::pin!(working);
            tokio::select! {
                done = &mut working => done,
                lost = guard.lost() => {
                    // Somebody else may be at work now: what was begun is ended, and nothing new is begun.
                    session.site.events.send(Event::Stopping);
                    session.site.stop.cancel();
                    working.await.and(Err(lost))
                }
            }
        };
        session.site.events.shown().await;
        let released = guard.release().await;
        match done? {
            Deployed::Nothing(release) => {
                show::note(context, "Nothing to do: exactly these images run.");
                releases::print(context, &release)?;
            }
            Deployed::Done(release) => releases::print(context, &release)?,
        }
        released?;
        Ok(Exit::Done)
    })
    .await
}

async fn work(
    session: &Session,
    target: &Target,
    images: Option<&Images>,
    seconds: u64,
) -> Result<Deployed, Failure> {
    let address = Address::new(Kind::Target, &target.name);
    let events = &session.site.events;
    events.send(Event::Started {
        address: address.clone(),
    });
    let entered = async {
        let entered = enter(session, target).await?;
        let site = Site {
            target,
            world: entered.world.clone(),
            releases: &session.backend.releases(),
            run: &session.run,
            progress: &events.progress(&address),
            stop: &session.site.stop,
            seconds,
        };
        match images {
            Some(images) => register::deploy(&site, images).await,
            None => register::roll_back(&site).await,
        }
    };
    let done = entered.await;
    // A failure is how the command ends, and said there.
    if let Ok(deployed) = &done {
        let changes = usize::from(matches!(deployed, Deployed::Done(_)));
        events.send(Event::Finished { address, changes });
    }
    done
}
