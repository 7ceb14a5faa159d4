//! What was decided, task by task, and how it is told.

use serde::Serialize;

use crate::model::{Change, Event, Origin, Verdict};
use crate::play::steps::task::Doing;
use crate::play::steps::walker::Walker;

/// The verdict over one task, or over one item of its loop.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskVerdict {
    /// The task's name; its module's where it has none.
    pub name: String,
    /// Where it was written.
    pub at: Origin,
    /// The item's label, for a task with a loop.
    pub item: Option<String>,
    /// What was decided. Of a `no_log` task it says nothing but the effect.
    pub verdict: Verdict,
}

impl Walker {
    /// Counts, keeps and tells a verdict.
    pub fn decided(&mut self, doing: &Doing<'_>, verdict: Verdict) {
        self.state.tasks += 1;
        match verdict {
            Verdict::Change(_) => self.state.changes += 1,
            Verdict::Unknown(_) => self.state.undecided += 1,
            Verdict::Unchanged | Verdict::Run(_) | Verdict::Skipped(_) => {}
        }
        if self.ahead.is_some() {
            return;
        }
        let verdict = match doing.scope.near() {
            Some(near) => near.verdict(verdict),
            None => verdict,
        };
        self.tell(|address| Event::Decided {
            address: address.clone(),
            task: Some(doing.title()),
            verdict: verdict.clone(),
        });
        self.verdicts.push(TaskVerdict {
            name: doing.name.clone(),
            at: doing.task.common.at.clone(),
            item: doing.item.clone(),
            verdict,
        });
    }

    /// Takes back that an item changes something: it failed before it changed anything.
    pub fn retract(&mut self, doing: &Doing<'_>) {
        let Some(last) = self.verdicts.last_mut() else {
            return;
        };
        let own = last.at == doing.task.common.at && last.item == doing.item;
        if own && matches!(last.verdict, Verdict::Change(_)) {
            last.verdict = Verdict::Unchanged;
            self.state.changes -= 1;
        }
    }
}

/// The change of a task as it may be written down.
pub fn visible(doing: &Doing<'_>, change: &Change) -> Change {
    let change = shown(change, doing.settings.no_log);
    match doing.scope.near() {
        Some(near) => near.change(&change),
        None => change,
    }
}

/// A change as it may be written down.
pub fn shown(change: &Change, no_log: bool) -> Change {
    if no_log {
        Change::new(change.effect)
            .note("Its details are hidden, because the task is marked no_log.")
    } else {
        change.clone()
    }
}
