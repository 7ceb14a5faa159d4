//! What becomes of a decided change, and what is written down of the thing.

use async_trait::async_trait;

use super::Record;
use crate::model::{Effect, Failure, Node};
use crate::play::{DryRun, Executor};

/// An executor that keeps a ledger of what is ours.
#[async_trait]
pub trait LedgerExecutor: Executor {
    /// Enters a thing as ours: before it is changed, with what the change does to it as a whole, and when it stands.
    /// Fails when it cannot be written down; then nothing was changed.
    async fn enter(
        &self,
        node: &Node,
        record: &Record,
        effect: Option<Effect>,
    ) -> Result<(), Failure>;

    /// Strikes out a thing that is no longer there. Fails when it cannot be written down.
    async fn leave(&self, node: &Node) -> Result<(), Failure>;
}

/// A dry run writes nothing down.
#[async_trait]
impl LedgerExecutor for DryRun {
    async fn enter(&self, _: &Node, _: &Record, _: Option<Effect>) -> Result<(), Failure> {
        Ok(())
    }

    async fn leave(&self, _: &Node) -> Result<(), Failure> {
        Ok(())
    }
}
