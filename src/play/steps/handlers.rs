//! Handlers: who is notified, and when they run.

use std::{collections::BTreeSet, sync::Arc};

use futures::{FutureExt, future::BoxFuture};

use crate::model::{
    Failure, Located, Value,
    playbook::{Step, Task},
};
use crate::play::result::flow::Flow;
use crate::play::result::flow::Lack;
use crate::play::result::flow::Stop;
use crate::play::result::task_result::Ended;
use crate::play::result::task_result::TaskResult;
use crate::play::scope::inherited::Inherited;
use crate::play::steps::task::Doing;
use crate::play::steps::walker::Walker;

/// A handler with what it inherits.
#[derive(Debug, Clone)]
pub struct Handler {
    pub task: Arc<Task>,
    pub frame: Arc<Inherited>,
    /// Which list of tasks it stands in: the play's own, up to the first block, is 0.
    list: usize,
}

impl Handler {
    fn listens(&self, name: &str) -> bool {
        self.task.listen.iter().any(|topic| topic == name)
    }

    /// What the host remembers it by.
    pub fn key(&self) -> &str {
        match (self.task.common.name.as_str(), self.task.listen.first()) {
            ("", Some(topic)) => topic,
            (name, _) => name,
        }
    }
}

/// The handlers of a play, blocks taken apart.
pub fn handlers(steps: &[Step], frame: &Inherited) -> Vec<Handler> {
    let mut found = Vec::new();
    let mut list = 0;
    add(steps, frame, &mut list, &mut found);
    found
}

fn add(steps: &[Step], frame: &Inherited, list: &mut usize, found: &mut Vec<Handler>) {
    for step in steps {
        match step {
            Step::Task(task) => found.push(Handler {
                task: task.clone(),
                frame: Arc::new(frame.clone()),
                list: *list,
            }),
            Step::Block(block) => {
                *list += 1;
                add(&block.steps, &frame.under(&block.common), list, found);
                *list += 1;
            }
        }
    }
}

/// Whom a task notifies: as it says itself, else as is said of the include it comes from.
fn notifying<'a>(doing: &Doing<'a>) -> &'a [Located<Value>] {
    match doing.task.notify.is_empty() {
        true => &doing.frame.notify,
        false => &doing.task.notify,
    }
}

impl Walker {
    /// The handlers that a task notifies, by their place in the play. A name that none answers to is refused.
    pub fn notified_by(&self, doing: &Doing<'_>) -> Result<Vec<usize>, Lack> {
        let mut found = Vec::new();
        for written in notifying(doing) {
            let names = match doing.scope.value(&written.value, &written.at)? {
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

    /// The handler of that name, and those that listen to it, of each name one. Of several with one name Ansible takes
    /// the first of a list of tasks, and of several lists (a block makes a new one) the last.
    pub fn answering(&self, name: &str) -> Vec<usize> {
        let handlers = &self.stage.handlers;
        let mut order: Vec<usize> = (0..handlers.len()).collect();
        order.sort_by_key(|index| (std::cmp::Reverse(handlers[*index].list), *index));
        let of = |index: &usize| handlers[*index].task.common.name.as_str();
        let named = order
            .iter()
            .find(|index| !name.is_empty() && of(index) == name);
        let mut found: Vec<usize> = named.copied().into_iter().collect();
        let mut seen = Vec::new();
        for index in &order {
            let own = of(index);
            if handlers[*index].listens(name) && (own.is_empty() || !seen.contains(&own)) {
                seen.push(own);
                found.push(*index);
            }
        }
        found
    }

    /// The names that the host is to remember before a task changes it: of handlers it does not remember yet.
    pub fn to_note(&self, doing: &Doing<'_>) -> Result<Vec<String>, Lack> {
        let mut names: Vec<String> = Vec::new();
        for index in self.notified_by(doing)? {
            let key = self.stage.handlers[index].key();
            if !self.state.noted.contains_key(key) && !names.iter().any(|name| name == key) {
                names.push(key.to_owned());
            }
        }
        Ok(names)
    }

    /// Notifies what a task that is done asks for. What it changed on the host noted it there before; the host is to
    /// remember the others now.
    pub async fn notify(&mut self, doing: &Doing<'_>, taken: &TaskResult) -> Result<(), Lack> {
        if notifying(doing).is_empty()
            || !taken.changed()
            || matches!(taken.ended, Ended::Failed(_))
        {
            return Ok(());
        }
        let names = self.to_note(doing)?;
        if !self.supposes() {
            self.note_on_host(doing, &names).await?;
            self.remember(doing, &names);
            self.state.doubtful.clear();
        }
        let notified = self.notified_by(doing)?;
        self.state.pending.extend(notified);
        Ok(())
    }

    /// Remembers, in a plan, whom a task may notify of which is not known whether it changes something.
    pub fn perhaps_notifies(&mut self, doing: &Doing<'_>) {
        if self.supposes()
            && let Ok(found) = self.notified_by(doing)
        {
            self.state.perhaps.extend(found);
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
        while let Some(index) = self.next(from) {
            let certain = self.state.pending.remove(&index);
            self.state.perhaps.remove(&index);
            from = index + 1;
            let Handler { task, frame, .. } = self.stage.handlers[index].clone();
            if !certain {
                self.perhaps_runs(&task, &frame);
                continue;
            }
            let within = std::mem::replace(&mut self.state.flushing, true);
            ended = self.task(&task, &frame).await;
            self.state.flushing = within;
            let key = self.stage.handlers[index].key().to_owned();
            if !matches!(ended, Ok(Flow::Go)) {
                // Handlers without a name may share what the host remembers them by.
                ran.retain(|other| *other != key);
                break;
            }
            if self.state.noted.contains_key(&key) {
                ran.push(key);
            }
        }
        let forgotten = self.forget_unneeded(ran).await;
        match (ended, forgotten) {
            (Ok(_), Err(failure)) => Err(Stop::of("handlers", failure)),
            (ended, _) => ended,
        }
    }

    /// The next handler that was notified, or may have been.
    fn next(&self, from: usize) -> Option<usize> {
        let of = |notified: &BTreeSet<usize>| notified.range(from..).next().copied();
        match (of(&self.state.pending), of(&self.state.perhaps)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// A handler of which a plan does not know whether it is notified.
    fn perhaps_runs(&mut self, task: &Arc<Task>, around: &Inherited) {
        let frame = around.under(&task.common);
        if !self.walk.tags.let_run(&frame.tags) {
            return;
        }
        let name = self.name(task, &frame);
        let address = self.walk.address.clone();
        let taken = self.without_items(task, &frame, &name, Lack::Unknown(address));
        self.register(task, &taken);
    }

    /// The names of handlers that are notified and have not run.
    pub fn waiting_handlers(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .state
            .pending
            .iter()
            .filter_map(|index| self.stage.handlers.get(*index))
            .map(|handler| handler.key().to_owned())
            .chain(self.state.noted.keys().cloned())
            .collect();
        names.sort();
        names.dedup();
        names
    }
}
