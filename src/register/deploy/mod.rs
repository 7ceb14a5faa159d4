//! Deploys images to a registered target, goes a release back, and records which digests were deployed when.
//!
//! ```text
//!  reference   what names an image          images      which of them go to this target
//!  env_file    what compose is told of them
//!  compose     the commands, as words       answers     what they print, read
//!  history     what was deployed before    said        what they say to people
//!  host        the steps on a host          project     a compose project there
//!  stack       the same project in a Swarm  stack_file, stack_state   what it is told, what it says
//!                                           stack_contents   what its configs and secrets hold
//!  forced      those by a key that only asks  forced_answers   what it is told
//!  service     the steps on ECS             revisions   its services and task definitions
//!  one_off     a command that is run once   one_off_task  where that is on ECS
//!  current     whether all runs so  stale  what compose cannot see
//!  ended       what is told of one that failed
//!  site        what all of them stand on
//! ```

mod answers;
mod compose;
mod current;
mod ended;
mod env_file;
mod forced;
mod forced_answers;
mod history;
mod host;
mod images;
mod one_off;
mod one_off_task;
mod project;
mod reference;
mod revisions;
mod said;
mod service;
mod site;
mod stack;
mod stack_contents;
mod stack_file;
mod stack_state;
mod stale;

pub use env_file::NAME as IMAGES_FILE;
pub use images::{Images, choose};
pub use one_off::one_off;
pub use one_off_task::{OneOffTask, one_off_task};
pub use site::{Deployed, Site};

use crate::model::{Failure, HostTarget, Profile, TargetKind, shell_word};
use history::History;

/// Deploys these images; those of the target that are not among them stay.
///
/// Fails when an image cannot be fetched, and then nothing was changed. When the new containers do not come up, those of
/// the release before are brought back, and that fails as well.
pub async fn deploy(site: &Site<'_>, images: &Images) -> Result<Deployed, Failure> {
    let history = History::read(site.releases, &site.target.name).await?;
    match &site.target.kind {
        TargetKind::Host(host) if only_asks(host) => {
            forced::deploy(site, host, &history, images).await
        }
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
        .help(format!(
            "`landfall releases {} {}` lists what was deployed there.",
            shell_word(&site.target.environment),
            shell_word(&site.target.name)
        )));
    };
    match &site.target.kind {
        TargetKind::Host(host) if only_asks(host) => forced::roll_back(site, host, earlier).await,
        TargetKind::Host(host) => host::roll_back(site, host, &history, earlier).await,
        TargetKind::Ecs(ecs) => service::roll_back(site, ecs, earlier).await,
    }
}

/// Whether the deploy user's key runs no commands of its own.
fn only_asks(host: &HostTarget) -> bool {
    host.profile == Some(Profile::ForcedCommand)
}
