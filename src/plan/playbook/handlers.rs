//! Handlers: who is notified, when they run, and how none is lost.
//!
//! The host itself remembers who was notified, from just before the change that notifies until the handler ran. A run
//! that is cut in between leaves that memory behind, and the next run flushes it.

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};

use super::{
    frame::Frame,
    hand::Performed,
    taken::{Ended, Taken},
    task::Doing,
    trouble::{Flow, Lack, Stop},
    walker::Walker,
};
use crate::model::{
    Change, Effect, Failure, Value, host_action::HostAction, playbook::Step, playbook::Task,
};

/// A handler with what it inherits.
#[derive(Debug, Clone)]
pub(super) struct Handler {
    pub task: Arc<Task>,
    pub frame: Arc<Frame>,
}

impl Handler {
    /// Whether a notification of this name means it.
    fn answers(&self, name: &str) -> bool {
        self.task.common.name == name || self.task.listen.iter().any(|topic| topic == name)
    }

    /// What the host remembers it by.
    fn key(&self) -> &str {
        match (self.task.common.name.as_str(), self.task.listen.first()) {
            ("", Some(topic)) => topic,
            (name, _) => name,
        }
    }
}

/// The handlers of a play, blocks taken apart.
pub(super) fn handlers(steps: &[Step], frame: &Frame) -> Vec<Handler> {
    steps
        .iter()
        .flat_map(|step| match step {
            Step::Task(task) => vec![Handler {
                task: task.clone(),
                frame: Arc::new(frame.clone()),
            }],
            Step::Block(block) => handlers(&block.steps, &frame.under(&block.common)),
        })
        .collect()
}

impl Walker {
    /// The handlers that a task notifies, by their place in the play. A name that none answers to is refused.
    pub fn notified_by(&self, doing: &Doing<'_>) -> Result<Vec<usize>, Lack> {
        let mut found = Vec::new();
        for written in &doing.task.notify {
            let names = match doing.view.value(&written.value, &written.at)? {
                Value::Array(names) => names,
                Value::Null => continue,
                one => vec![one],
            };
            for name in names {
                let name = match name {
                    Value::String(name) => name,
                    other => other.to_string(),
                };
                let matching = self.answering(&name);
                if matching.is_empty() {
                    return Err(Lack::Failed(
                        Failure::new(
                            "a handler that is not there",
                            format!("`notify` names `{name}`, but no handler of the play has that name or listens to it."),
                        )
                        .at(&written.at),
                    ));
                }
                found.extend(matching);
            }
        }
        Ok(found)
    }

    /// The last handler of that name, as in Ansible, and all that listen to it.
    fn answering(&self, name: &str) -> Vec<usize> {
        let handlers = &self.stage.handlers;
        let named = handlers
            .iter()
            .rposition(|handler| handler.task.common.name == name);
        let listening = (0..handlers.len()).filter(|index| {
            handlers[*index]
                .task
                .listen
                .iter()
                .any(|topic| topic == name)
        });
        named.into_iter().chain(listening).collect()
    }

    /// The names that the host is to remember before a task changes it: of handlers it does not remember yet.
    pub fn to_note(&self, doing: &Doing<'_>) -> Result<Vec<String>, Lack> {
        let mut names: Vec<String> = Vec::new();
        for index in self.notified_by(doing)? {
            let key = self.stage.handlers[index].key();
            if !self.state.noted.contains(key) && !names.iter().any(|name| name == key) {
                names.push(key.to_owned());
            }
        }
        Ok(names)
    }

    /// Notifies what a task that is done asks for. What it changed on the host noted it there before; the host is to
    /// remember the others now.
    pub async fn notify(&mut self, doing: &Doing<'_>, taken: &Taken) -> Result<(), Lack> {
        if doing.task.notify.is_empty()
            || !taken.changed()
            || matches!(taken.ended, Ended::Failed(_))
        {
            return Ok(());
        }
        let names = self.to_note(doing)?;
        if !self.supposes() {
            self.note_on_host(doing, &names).await?;
            self.state.noted.extend(names);
        }
        let notified = self.notified_by(doing)?;
        self.state.pending.extend(notified);
        Ok(())
    }

    /// Takes over what an interrupted run left: handlers that were notified and did not run.
    pub fn resume(&mut self, left: &mut Vec<String>) {
        let handlers = &self.stage.handlers;
        let mut found = Vec::new();
        left.retain(|name| {
            let before = found.len();
            found.extend(
                (0..handlers.len())
                    .filter(|index| handlers[*index].answers(name))
                    .map(|index| (name.clone(), index)),
            );
            found.len() == before
        });
        for (name, index) in found {
            self.say(format!(
                "The handler \"{name}\" was notified by a run that was cut: it runs with this one."
            ));
            self.state.pending.insert(index);
            self.state.noted.insert(name);
        }
    }

    /// Runs every handler that was notified, in the order they are defined. One that is notified meanwhile runs as well
    /// when it is defined later, and waits for the next flush when not, as in Ansible.
    pub fn flush(&mut self) -> BoxFuture<'_, Result<Flow, Stop>> {
        self.run_notified().boxed()
    }

    async fn run_notified(&mut self) -> Result<Flow, Stop> {
        let mut ran = Vec::new();
        let mut ended = Ok(Flow::Go);
        let mut from = 0;
        while let Some(index) = self.state.pending.range(from..).next().copied() {
            self.state.pending.remove(&index);
            from = index + 1;
            let Handler { task, frame } = self.stage.handlers[index].clone();
            ended = self.task(&task, &frame).await;
            let key = self.stage.handlers[index].key().to_owned();
            if !matches!(ended, Ok(Flow::Go)) {
                // Handlers without a name may share what the host remembers them by.
                ran.retain(|other| *other != key);
                break;
            }
            if self.state.noted.contains(&key) {
                ran.push(key);
            }
        }
        let forgotten = self.forget_unneeded(ran).await;
        match (ended, forgotten) {
            (Ok(_), Err(failure)) => Err(Stop {
                task: "handlers".into(),
                given: String::new(),
                result: Box::default(),
                noted: Vec::new(),
                failure,
            }),
            (ended, _) => ended,
        }
    }

    /// Lets the host forget handlers, except those that will run at the next flush.
    pub async fn forget_unneeded(&mut self, mut names: Vec<String>) -> Result<(), Failure> {
        names.retain(|key| {
            let needed = |index: &usize| self.stage.handlers[*index].key() == key;
            !self.state.pending.iter().any(needed)
        });
        self.forget_noted(names).await
    }

    /// Lets the host forget handlers that ran, or that nobody needs any more.
    pub async fn forget_noted(&mut self, mut names: Vec<String>) -> Result<(), Failure> {
        names.sort();
        names.dedup();
        if names.is_empty() || self.supposes() {
            return Ok(());
        }
        let mut change = Change::new(Effect::Update);
        for handler in &names {
            change = change.action(crate::model::Action::Host(HostAction::Notified {
                playbook: self.walk.playbook.name.clone(),
                handler: handler.clone(),
            }));
        }
        let walk = self.walk.clone();
        let progress = walk.events.progress(&walk.address);
        let performed = walk
            .hand
            .perform(
                &self.world,
                &walk.address,
                "handlers that ran",
                &change,
                &change,
                &progress,
            )
            .await?;
        if matches!(performed, Performed::Done(_)) {
            for name in &names {
                self.state.noted.remove(name);
            }
        }
        Ok(())
    }

    /// The names of handlers that are notified and have not run.
    pub fn waiting_handlers(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .state
            .pending
            .iter()
            .filter_map(|index| self.stage.handlers.get(*index))
            .map(|handler| handler.key().to_owned())
            .chain(self.state.noted.iter().cloned())
            .collect();
        names.sort();
        names.dedup();
        names
    }
}
