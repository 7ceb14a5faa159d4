//! An executor for walks of playbooks that really acts, without the journal and ledger of a run.

use async_trait::async_trait;
use landfall::apply::in_order;
use landfall::model::{Address, Change, Failure, Progress, Redactor, World};
use landfall::play::{Executor, Performed};

/// Performs what was decided.
pub struct Perform;

#[async_trait]
impl Executor for Perform {
    async fn perform(
        &self,
        world: &dyn World,
        _address: &Address,
        _task: &str,
        change: &Change,
        _shown: &Change,
        progress: &Progress,
    ) -> Result<Performed, Failure> {
        let outcomes = in_order(world, change, progress, &Redactor::default()).await?;
        Ok(Performed::Done(outcomes))
    }

    fn supposes(&self) -> bool {
        false
    }
}
