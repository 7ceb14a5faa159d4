//! What a deployment stands on, and what it comes to.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::backend::{Release, Releases};
use crate::model::{Failure, Progress, Target, World};

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

impl Site<'_> {
    /// Fails as interrupted once the end was asked for.
    pub(super) fn not_stopped(&self, left_behind: &str) -> Result<(), Failure> {
        match self.stop.is_cancelled() {
            false => Ok(()),
            true => Err(
                Failure::interrupted(format!("deploying to `{}`", self.target.name))
                    .left_behind(left_behind),
            ),
        }
    }
}
