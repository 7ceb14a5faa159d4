//! What was decided, task by task, and how it is told.

use crate::{
    model::{Address, Change, Event, Events, Verdict},
    play::{
        scope::{doing::Doing, state::State},
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

    /// Counts, keeps and tells a verdict.
    pub fn decided(&mut self, state: &mut State, doing: &Doing<'_>, verdict: Verdict) {
        state.tasks += 1;
        match verdict {
            Verdict::Change(_) => state.changes += 1,
            Verdict::Unknown(_) => state.undecided += 1,
            Verdict::Unchanged | Verdict::Run(_) | Verdict::Skipped(_) => {}
        }
        if self.silent {
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
    pub fn retract(&mut self, state: &mut State, doing: &Doing<'_>) {
        let Some(last) = self.verdicts.last_mut() else {
            return;
        };
        let own = last.at == doing.task.common.at && last.item == doing.item;
        if own && matches!(last.verdict, Verdict::Change(_)) {
            last.verdict = Verdict::Unchanged;
            state.changes -= 1;
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
