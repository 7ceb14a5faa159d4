//! What a failed program printed: all of it is kept where the run keeps its journal, and the message says where.

use crate::{
    model::Failure,
    play::{run::Run, scope::task_item::TaskItem},
};

impl Run {
    /// The failure of a task without what its program printed, which was kept. Where its text shows only a part, it says
    /// where the rest stands. Fails when that cannot be written.
    pub async fn keep_printed(
        &self,
        task_item: &TaskItem<'_>,
        failure: Failure,
    ) -> Result<Failure, Failure> {
        let (failure, printed) = failure.apart();
        let Some(printed) = printed.filter(|_| self.ahead.is_none()) else {
            return Ok(failure);
        };
        let (walk, title) = (&self.walk, task_item.title());
        let kept = walk.executor.keep(&walk.address, &title, &printed).await?;
        let Some(kept) = kept.filter(|_| printed.is_long()) else {
            return Ok(failure);
        };
        let what = if kept.whole {
            "All that it printed stands"
        } else {
            "More of what it printed, not all, stands"
        };
        Ok(failure.adding(format!("{what} in {}.", kept.place)))
    }
}
