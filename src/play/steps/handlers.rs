//! Handlers: who is notified, and when they run.

use std::{collections::BTreeSet, sync::Arc};

use futures::{FutureExt, future::BoxFuture};

use crate::{
    model::playbook::Task,
    play::{
        result::flow::{Flow, Stop},
        scope::{inherited::Inherited, play_scope::Handler, unresolved::Unresolved},
        steps::{task::register, walker::Walker},
    },
};

impl Walker {
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
            let certain = self.run.scopes.state.pending.remove(&index);
            self.run.scopes.state.perhaps.remove(&index);
            from = index + 1;
            let Handler { task, frame, .. } = self.run.scopes.play.handlers[index].clone();
            if !certain {
                self.perhaps_runs(&task, &frame);
                continue;
            }
            let within = std::mem::replace(&mut self.run.scopes.state.flushing, true);
            ended = self.task(&task, &frame).await;
            self.run.scopes.state.flushing = within;
            let key = self.run.scopes.play.handlers[index].key().to_owned();
            if !matches!(ended, Ok(Flow::Go)) {
                // Handlers without a name may share what the host remembers them by.
                ran.retain(|other| *other != key);
                break;
            }
            if self.run.scopes.state.noted.contains_key(&key) {
                ran.push(key);
            }
        }
        let forgotten = self.run.forget_unneeded(ran).await;
        match (ended, forgotten) {
            (Ok(_), Err(failure)) => Err(Stop::of("handlers", failure)),
            (ended, _) => ended,
        }
    }

    /// The next handler that was notified, or may have been.
    fn next(&self, from: usize) -> Option<usize> {
        let of = |notified: &BTreeSet<usize>| notified.range(from..).next().copied();
        match (
            of(&self.run.scopes.state.pending),
            of(&self.run.scopes.state.perhaps),
        ) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// A handler of which a plan does not know whether it is notified.
    fn perhaps_runs(&mut self, task: &Arc<Task>, around: &Inherited) {
        let frame = around.under(&task.common);
        if !self.run.walk.tags.let_run(&frame.tags) {
            return;
        }
        let name = self.run.scopes.name(task, &frame);
        let address = self.run.walk.address.clone();
        let taken = self.unresolved_items(task, &frame, &name, Unresolved::Unknown(address));
        register(&mut self.run.scopes.state, task, &taken);
    }
}
