//! What was decided, task by task, and how it is told.

use crate::{
    model::{Address, Change, Event, Events, Verdict},
    play::{
        scope::{state::State, task_item::TaskItem},
        verdict::TaskVerdict,
    },
};

/// Tells what happens on a host, and keeps what was decided. That of a look ahead tells nobody and keeps nothing.
pub struct Recorder {
    events: Events,
    address: Address,
    silent: bool,
    /// What was decided so far.
    pub verdicts: Vec<TaskVerdict>,
}

impl Recorder {
    /// One of this host that tells it here.
    pub fn new(events: &Events, address: &Address) -> Self {
        Self {
            events: events.clone(),
            address: address.clone(),
            silent: false,
            verdicts: Vec::new(),
        }
    }

    /// One for a look ahead.
    pub fn silent(&self) -> Self {
        Self {
            silent: true,
            ..Self::new(&self.events, &self.address)
        }
    }

    /// Tells what happened.
    pub fn tell(&self, event: impl FnOnce(&Address) -> Event) {
        if !self.silent {
            self.events.send(event(&self.address));
        }
    }

    /// Says a line about the host.
    pub fn say(&self, line: impl AsRef<str>) {
        if !self.silent {
            self.events.progress(&self.address).say(line);
        }
    }

    /// Says a line that is meant for whoever reads.
    pub fn message(&self, line: impl AsRef<str>) {
        if !self.silent {
            self.events.progress(&self.address).message(line);
        }
    }

    /// Counts, keeps and tells a verdict.
    pub fn decided(&mut self, state: &mut State, task_item: &TaskItem<'_>, verdict: Verdict) {
        state.tasks += 1;
        match verdict {
            Verdict::Change(_) => state.changes += 1,
            Verdict::Unknown(_) => state.undecided += 1,
            Verdict::Unchanged | Verdict::Run(_) | Verdict::Skipped(_) => {}
        }
        if self.silent {
            return;
        }
        let verdict = match task_item.scope.near() {
            Some(near) => near.verdict(verdict),
            None => verdict,
        };
        self.tell(|address| Event::Decided {
            address: address.clone(),
            task: Some(task_item.title()),
            verdict: verdict.clone(),
        });
        self.verdicts.push(TaskVerdict {
            name: task_item.name.clone(),
            at: task_item.task.common.at.clone(),
            item: task_item.item.clone(),
            verdict,
        });
    }

    /// Takes back that an item changes something: it failed before it changed anything.
    pub fn retract(&mut self, state: &mut State, task_item: &TaskItem<'_>) {
        let Some(last) = self.verdicts.last_mut() else {
            return;
        };
        let own = last.at == task_item.task.common.at && last.item == task_item.item;
        if own && matches!(last.verdict, Verdict::Change(_)) {
            last.verdict = Verdict::Unchanged;
            state.changes -= 1;
        }
    }
}

/// The change of a task as it may be written down.
pub fn visible(task_item: &TaskItem<'_>, change: &Change) -> Change {
    let change = shown(change, task_item.keywords.no_log);
    match task_item.scope.near() {
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
