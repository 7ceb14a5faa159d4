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
        scope::{doing::Doing, lack::Lack},
    },
};

impl Run {
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
                let mut taken = judge(doing, taken)?;
                taken.made = made;
                self.asked(doing, &taken, visible, claimed, again);
                return Ok(taken);
            }
            Err(failure) => return Err(Lack::Failed(failure)),
        };
        let mut taken = judge(doing, taken).map_err(|lack| match lack {
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
}

/// The change as it is told while it is made: only what counts as one has a change's sign, as in the plan.
fn told(visible: &Change, claimed: Claimed) -> Change {
    let mut told = visible.clone();
    if matches!(claimed, Claimed::Never | Claimed::AskTheResult) {
        told.effect = Effect::Run;
    }
    told
}
