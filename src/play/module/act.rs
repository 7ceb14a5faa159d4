//! What becomes of a decided change: it is handed on.

use crate::play::executor::Performed;
use crate::play::result::flow::Lack;
use crate::play::result::flow::tolerable;
use crate::play::result::judge::Claimed;
use crate::play::result::judge::finished;
use crate::play::result::judge::object;
use crate::play::result::recorder::visible;
use crate::play::result::task_result::Ended;
use crate::play::result::task_result::TaskResult;
use crate::play::steps::task::Doing;
use crate::play::steps::walker::Walker;
use crate::{
    model::{Action, Change, Effect, Event, Failure, Verdict, World},
    observe::Remembered,
};

impl Walker {
    /// Hands a change on, and judges what came of it.
    pub async fn act(
        &mut self,
        doing: &Doing<'_>,
        world: &Remembered,
        change: Change,
        claimed: Claimed,
        again: bool,
    ) -> Result<TaskResult, Lack> {
        if doing.settings.check_mode == Some(true) {
            return self.only_checked(doing, change);
        }
        let visible = visible(doing, &change);
        if self.supposes() {
            return self.suppose(doing, change, visible, claimed);
        }
        if !again {
            match claimed {
                Claimed::Changes => self.decided(doing, Verdict::Change(visible.clone())),
                Claimed::Never => self.decided(doing, Verdict::Run(visible.clone())),
                Claimed::AskTheResult => {}
            }
        }
        let noted = match claimed {
            Claimed::Never => Vec::new(),
            _ => self.to_note(doing)?,
        };
        let mut whole = change.clone();
        let beside = match self.keeps_notes(doing) {
            true => noted.len(),
            false => 0,
        };
        match beside {
            0 => self.note_on_host(doing, &noted).await?,
            _ => drop(
                whole
                    .actions
                    .splice(0..0, noted.iter().map(|name| self.note(name))),
            ),
        }
        self.remember(doing, &noted);
        let performed = self
            .hand_on(doing, world, &whole, &told(&visible, claimed))
            .await;
        let did = change.actions.iter().any(Action::alters);
        let taken = match performed {
            Ok(Performed::Done(mut outcomes)) => {
                outcomes.drain(..beside.min(outcomes.len()));
                finished(&change, &outcomes)
            }
            Ok(Performed::Supposed) => return self.suppose(doing, change, visible, claimed),
            Err(failure) if tolerable(&failure) => {
                let made = failure.made > 0;
                let taken = TaskResult::failed(object(change.result.clone()), failure);
                let mut taken = self.judge(doing, taken)?;
                taken.made = made;
                self.asked(doing, &taken, visible, claimed, again);
                return Ok(taken);
            }
            Err(failure) => return Err(Lack::Failed(failure)),
        };
        let mut taken = self.judge(doing, taken).map_err(|lack| match lack {
            Lack::Failed(failure) => Lack::Failed(failure.made(usize::from(did))),
            lack => lack,
        })?;
        taken.made = did && matches!(taken.ended, Ended::Failed(_));
        self.asked(doing, &taken, visible, claimed, again);
        Ok(taken)
    }

    /// Tells what only the result could say.
    fn asked(
        &mut self,
        doing: &Doing<'_>,
        taken: &TaskResult,
        visible: Change,
        claimed: Claimed,
        again: bool,
    ) {
        match claimed {
            Claimed::AskTheResult if taken.made => self.decided(doing, Verdict::Change(visible)),
            Claimed::AskTheResult => self.told(doing, taken, &visible, again),
            Claimed::Changes | Claimed::Never => {}
        }
    }

    /// Hands a change on, and tells before and after it that it is made.
    async fn hand_on(
        &mut self,
        doing: &Doing<'_>,
        world: &Remembered,
        change: &Change,
        visible: &Change,
    ) -> Result<Performed, Failure> {
        let task = Some(doing.title());
        self.tell(|address| Event::Acting {
            address: address.clone(),
            task: task.clone(),
            change: visible.clone(),
        });
        let performed = self.hand_on_quietly(doing, world, change, visible).await?;
        self.tell(|address| Event::Acted {
            address: address.clone(),
            task,
        });
        Ok(performed)
    }

    /// Hands a change on that is none of the playbook's: the journal has it, and nobody waits for it.
    pub async fn hand_on_quietly(
        &mut self,
        doing: &Doing<'_>,
        world: &Remembered,
        change: &Change,
        visible: &Change,
    ) -> Result<Performed, Failure> {
        let walk = self.walk.clone();
        let progress = walk
            .events
            .progress(&walk.address)
            .hidden(doing.settings.no_log);
        let world: &dyn World = world;
        let performed = walk
            .executor
            .perform(
                world,
                &walk.address,
                &doing.title(),
                change,
                visible,
                &progress,
            )
            .await?;
        self.acted();
        Ok(performed)
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
