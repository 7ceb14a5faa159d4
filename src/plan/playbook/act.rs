//! What becomes of a decided change: it is handed on, or supposed.

use super::{
    checked::runs_a_command,
    hand::Performed,
    judge::{Claimed, acts_only, finished, object},
    taken::{Ended, Taken},
    task::Doing,
    trouble::{Lack, tolerable},
    verdicts::shown,
    walker::Walker,
};
use crate::{
    model::{Action, Change, Effect, Event, Failure, Verdict, World, host_action::HostAction},
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
    ) -> Result<Taken, Lack> {
        if doing.settings.check_mode == Some(true) {
            return self.only_checked(doing, change);
        }
        let visible = shown(&change, doing.settings.no_log);
        if self.supposes() {
            return self.suppose(doing, change, visible, claimed);
        }
        if !again {
            match claimed {
                Claimed::Changes => self.decided(doing, Verdict::Change(visible.clone())),
                Claimed::Never => self.decided(doing, Verdict::Unchanged),
                Claimed::AskTheResult => {}
            }
        }
        let noted = match claimed {
            Claimed::Never => Vec::new(),
            _ => self.to_note(doing)?,
        };
        let mut whole = change.clone();
        whole
            .actions
            .splice(0..0, noted.iter().map(|name| self.note(name)));
        let performed = self.hand_on(doing, world, &whole, &visible).await;
        self.state.noted.extend(noted.iter().cloned());
        self.state.doubtful.extend(noted.iter().cloned());
        let taken = match performed {
            Ok(Performed::Done(mut outcomes)) => {
                outcomes.drain(..noted.len().min(outcomes.len()));
                finished(&change, &outcomes)
            }
            Ok(Performed::Supposed) => return self.suppose(doing, change, visible, claimed),
            Err(failure) if tolerable(&failure) => {
                Taken::failed(object(change.result.clone()), failure)
            }
            Err(failure) => return Err(Lack::Failed(failure)),
        };
        let taken = self.judge(doing, taken)?;
        if matches!(claimed, Claimed::AskTheResult) {
            self.told(doing, &taken, &change, again);
        }
        Ok(taken)
    }

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
        let walk = self.walk.clone();
        let progress = walk.events.progress(&walk.address);
        let world: &dyn World = world;
        let performed = walk
            .hand
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
        self.tell(|address| Event::Acted {
            address: address.clone(),
            task,
        });
        Ok(performed)
    }

    /// Goes on as if the change had been made.
    fn suppose(
        &mut self,
        doing: &Doing<'_>,
        change: Change,
        visible: Change,
        claimed: Claimed,
    ) -> Result<Taken, Lack> {
        if !acts_only(&change) {
            self.state.supposed.extend(change.actions.iter().cloned());
        }
        self.state.guessed |= doing.task.register.is_some();
        let address = self.walk.address.clone();
        let runs = runs_a_command(&change);
        let mut taken = Taken::fine(object(change.result), !matches!(claimed, Claimed::Never));
        if runs {
            taken.ended = Ended::Unknown(address.clone());
        }
        match claimed {
            Claimed::Changes => self.decided(doing, Verdict::Change(visible)),
            Claimed::Never => self.decided(doing, Verdict::Unchanged),
            Claimed::AskTheResult => {
                taken.result.shift_remove("changed");
                self.decided(doing, Verdict::Unknown(address));
            }
        }
        Ok(taken)
    }

    fn note(&self, handler: &str) -> Action {
        Action::Host(HostAction::Notify {
            playbook: self.walk.playbook.name.clone(),
            handler: handler.to_owned(),
        })
    }

    /// Lets the host remember handlers that a task on the operator's side notified.
    pub async fn note_on_host(&mut self, doing: &Doing<'_>, names: &[String]) -> Result<(), Lack> {
        let mut change = Change::new(Effect::Update);
        change.actions = names.iter().map(|name| self.note(name)).collect();
        if !change.is_none() {
            let world = self.world.clone();
            self.hand_on(doing, &world, &change, &change).await?;
        }
        Ok(())
    }
}
