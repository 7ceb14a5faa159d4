//! What becomes of a decided change.

use async_trait::async_trait;

use crate::model::{Address, Change, Effect, Failure, Node, Outcome, Printed, Progress, World};
use crate::plan;

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
pub trait Hand: Send + Sync {
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

    /// Remembers a thing as ours: before it is changed, with what the change does to it as a whole, and when it stands.
    /// A dry run remembers nothing. Fails when it cannot be written down; then nothing was changed.
    async fn enter(
        &self,
        node: &Node,
        kept: &plan::Kept,
        effect: Option<Effect>,
    ) -> Result<(), Failure> {
        let _ = (node, kept, effect);
        Ok(())
    }

    /// Strikes out a thing that is no longer there. A dry run strikes out nothing. Fails when it cannot be written down.
    async fn leave(&self, node: &Node) -> Result<(), Failure> {
        let _ = node;
        Ok(())
    }

    /// Whether nothing is ever done: what `ansible_check_mode` says.
    fn supposes(&self) -> bool;
}

/// The hand of a dry run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Suppose;

#[async_trait]
impl Hand for Suppose {
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
