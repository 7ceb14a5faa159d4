//! What becomes of a decided change.

use async_trait::async_trait;

use crate::model::{Address, Change, Failure, Outcome, Printed, Progress, World};

/// What became of a decided change.
#[derive(Debug, Clone, PartialEq)]
pub enum Performed {
    /// Nothing was done; the walk goes on as if it had been.
    Supposed,
    /// Every action was performed and gave this, in order.
    Done(Vec<Outcome>),
}

/// Where something is kept that is too long for a message, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The record of that place, as a user finds it.
    pub place: String,
    /// Whether all of it is there.
    pub whole: bool,
}

/// Decides what becomes of a decided change: a dry run supposes it, a real one performs it.
#[async_trait]
pub trait Executor: Send + Sync {
    /// Performs the actions of `change` in order, or supposes them.
    ///
    /// `shown` is the same change as it may be written down: of a `no_log` task it holds nothing but its effect.
    async fn perform(
        &self,
        world: &dyn World,
        address: &Address,
        task: &str,
        change: &Change,
        shown: &Change,
        progress: &Progress,
    ) -> Result<Performed, Failure>;

    /// Keeps what a program printed before it failed, as it may be written down; none where nothing is kept. Fails when
    /// it cannot be written.
    async fn keep(
        &self,
        address: &Address,
        task: &str,
        printed: &Printed,
    ) -> Result<Option<Kept>, Failure> {
        let _ = (address, task, printed);
        Ok(None)
    }

    /// Whether nothing is ever done: what `ansible_check_mode` says.
    fn supposes(&self) -> bool;
}

/// Supposes every change, as a dry run does.
#[derive(Debug, Clone, Copy, Default)]
pub struct DryRun;

#[async_trait]
impl Executor for DryRun {
    async fn perform(
        &self,
        _world: &dyn World,
        _address: &Address,
        _task: &str,
        _change: &Change,
        _shown: &Change,
        _progress: &Progress,
    ) -> Result<Performed, Failure> {
        Ok(Performed::Supposed)
    }

    fn supposes(&self) -> bool {
        true
    }
}
