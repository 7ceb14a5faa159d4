//! What becomes of a decided change: it is handed on.

use crate::{
    model::{Action, Change, Effect, Verdict},
    observe::Remembered,
    play::{
        executor::Performed,
        result::{
            flow::tolerable,
            judge::{Claimed, finished, judge, object},
            recorder::visible,
            task_result::{Ended, TaskResult},
        },
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

impl Run {
    /// Hands a change on, and judges what came of it.
    pub async fn act(
        &mut self,
        task_item: &TaskItem<'_>,
        world: &Remembered,
        change: Change,
        claimed: Claimed,
        retry: bool,
    ) -> Result<TaskResult, Unresolved> {
        if task_item.keywords.check_mode == Some(true) {
            return self.only_checked(task_item, change);
        }
        let visible = visible(task_item, &change);
        if self.supposes() {
            return self.suppose(task_item, change, visible, claimed);
        }
        if !retry {
            match claimed {
                Claimed::Changes => self.decided(task_item, Verdict::Change(visible.clone())),
                Claimed::Never => self.decided(task_item, Verdict::Run(visible.clone())),
                Claimed::AskTheResult => {}
            }
        }
        let noted = match claimed {
            Claimed::Never => Vec::new(),
            _ => self.to_note(task_item)?,
        };
        let mut whole = change.clone();
        let own_notes = if self.keeps_notes(task_item) {
            noted.len()
        } else {
            0
        };
        match own_notes {
            0 => self.note_on_host(task_item, &noted).await?,
            _ => drop(
                whole
                    .actions
                    .splice(0..0, noted.iter().map(|name| self.note(name))),
            ),
        }
        self.remember(task_item, &noted);
        let performed = self
            .hand_on(task_item, world, &whole, &told(&visible, claimed))
            .await;
        let did = change.actions.iter().any(Action::alters);
        let taken = match performed {
            Ok(Performed::Done(mut outcomes)) => {
                outcomes.drain(..own_notes.min(outcomes.len()));
                finished(&change, &outcomes)
            }
            Ok(Performed::Supposed) => return self.suppose(task_item, change, visible, claimed),
            Err(failure) if tolerable(&failure) => {
                let made = failure.made > 0;
                let taken = TaskResult::failed(object(change.result.clone()), failure);
                let mut taken = judge(task_item, taken)?;
                taken.made = made;
                self.asked(task_item, &taken, visible, claimed, retry);
                return Ok(taken);
            }
            Err(failure) => return Err(Unresolved::Failed(failure)),
        };
        let mut taken = judge(task_item, taken).map_err(|unresolved| match unresolved {
            Unresolved::Failed(failure) => Unresolved::Failed(failure.made(usize::from(did))),
            unresolved => unresolved,
        })?;
        taken.made = did && matches!(taken.ended, Ended::Failed(_));
        self.asked(task_item, &taken, visible, claimed, retry);
        Ok(taken)
    }

    /// Tells what only the result could say.
    fn asked(
        &mut self,
        task_item: &TaskItem<'_>,
        taken: &TaskResult,
        visible: Change,
        claimed: Claimed,
        retry: bool,
    ) {
        match claimed {
            Claimed::AskTheResult if taken.made => {
                self.decided(task_item, Verdict::Change(visible))
            }
            Claimed::AskTheResult => self.told(task_item, taken, &visible, retry),
            Claimed::Changes | Claimed::Never => {}
        }
    }
}

/// The change as it is told while it is made: only what counts as one has a change's sign, as in the plan.
fn told(visible: &Change, claimed: Claimed) -> Change {
    let mut told = visible.clone();
    if matches!(claimed, Claimed::Never | Claimed::AskTheResult) {
        told.effect = Effect::Run;
    }
    told
}
