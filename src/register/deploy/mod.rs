//! Deploys images to a registered target, goes a release back, and records which digests were deployed when.
//!
//! ```text
//!  reference   what names an image          images      which of them go to this target
//!  env_file    what compose is told of them
//!  compose     the commands, as words       answers     what they print, read
//!  history     what was deployed before
//!  host        the steps on a host          project     a compose project there
//!  forced      those by a key that only asks
//!  service     the steps on ECS             revisions   its services and task definitions
//!  one_off     a command that is run once
//! ```

mod answers;
mod compose;
mod env_file;
mod forced;
mod history;
mod host;
mod images;
mod one_off;
mod project;
mod reference;
mod revisions;
mod service;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub use images::{Images, choose};
pub use one_off::one_off;

use crate::backend::{Release, Releases};
use crate::model::{Failure, HostTarget, Profile, Progress, Target, TargetKind, World};
use history::History;

/// What a deployment stands on. The caller holds the environment's lock.
pub struct Site<'a> {
    /// Where it goes.
    pub target: &'a Target,
    /// The place that is asked and acted on: the host as its deploy user, or the account.
    pub world: Arc<dyn World>,
    /// The records.
    pub releases: &'a Releases,
    /// This run's id.
    pub run: &'a str,
    /// Where it is told what goes on.
    pub progress: &'a Progress,
    /// Cancelled when the end is asked for: then no step is begun that can be left out.
    pub stop: &'a CancellationToken,
    /// For how many seconds new containers may take until they run and are healthy.
    pub seconds: u64,
}

/// What a deployment came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deployed {
    /// Exactly these images ran already, as they shall.
    Nothing(Release),
    /// It was done.
    Done(Release),
}

/// Deploys these images; those of the target that are not among them stay.
///
/// Fails when an image cannot be fetched, and then nothing was changed. When the new containers do not come up, those of
/// the release before are brought back, and that fails as well.
pub async fn deploy(site: &Site<'_>, images: &Images) -> Result<Deployed, Failure> {
    let history = History::read(site.releases, &site.target.name).await?;
    match &site.target.kind {
        TargetKind::Host(host) if only_asks(host) => forced::deploy(site, &history, images).await,
        TargetKind::Host(host) => host::deploy(site, host, &history, images).await,
        TargetKind::Ecs(ecs) => service::deploy(site, ecs, &history, images).await,
    }
}

/// Goes back to the release before the one that runs. Services that are run once at deployments are not run.
///
/// Fails when there is none, and as [`deploy`] does.
pub async fn roll_back(site: &Site<'_>) -> Result<Deployed, Failure> {
    let history = History::read(site.releases, &site.target.name).await?;
    let Some(earlier) = history.before() else {
        return Err(Failure::new(
            "there is no earlier release",
            format!("going a release back at `{}`", site.target.name),
        )
        .why("No release with other images was done before the one that runs.")
        .left_behind("Nothing was changed.")
        .help("`landfall releases ENV TARGET` lists what was deployed there."));
    };
    match &site.target.kind {
        TargetKind::Host(host) if only_asks(host) => forced::roll_back(site, earlier).await,
        TargetKind::Host(host) => host::roll_back(site, host, &history, earlier).await,
        TargetKind::Ecs(ecs) => service::roll_back(site, ecs, earlier).await,
    }
}

/// Whether the deploy user's key runs no commands of its own.
fn only_asks(host: &HostTarget) -> bool {
    host.profile == Some(Profile::ForcedCommand)
}

impl Site<'_> {
    /// Fails as interrupted once the end was asked for.
    fn not_stopped(&self, left_behind: &str) -> Result<(), Failure> {
        match self.stop.is_cancelled() {
            false => Ok(()),
            true => Err(
                Failure::interrupted(format!("deploying to `{}`", self.target.name))
                    .left_behind(left_behind),
            ),
        }
    }
}
