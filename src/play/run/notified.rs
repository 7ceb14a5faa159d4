//! Whom a task notifies.

use crate::{
    model::{Failure, Located, Map, Value, Verdict},
    play::{
        result::task_result::{Ended, TaskResult},
        run::Run,
        scope::{play_scope::Handler, task_item::TaskItem, unresolved::Unresolved},
    },
};

/// Whom a task notifies: as it says itself, else as is said of the include it comes from.
fn notifying<'a>(task_item: &TaskItem<'a>) -> &'a [Located<Value>] {
    if task_item.task.notify.is_empty() {
        &task_item.frame.notify
    } else {
        &task_item.task.notify
    }
}

impl Run {
    /// The handlers that a task notifies, by their place in the play. A name that none answers to is refused.
    pub fn notified_by(&self, task_item: &TaskItem<'_>) -> Result<Vec<usize>, Unresolved> {
        let mut found = Vec::new();
        if notifying(task_item).is_empty() {
            return Ok(found);
        }
        let handlers = self.handler_names();
        for written in notifying(task_item) {
            let names = match task_item.scope.value(&written.value, &written.at)? {
                Value::Array(names) => names,
                Value::Null => continue,
                one => vec![one],
            };
            for name in names {
                let name = match name {
                    Value::String(name) => name,
                    other => other.to_string(),
                };
                let matching = self.scopes.play.answering_as(&name, &handlers);
                if matching.is_empty() {
                    return Err(Unresolved::Failed(
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

    /// The names of the play's handlers as they are now, for they may be templates. One that cannot be rendered stays as it
    /// is written.
    fn handler_names(&self) -> Vec<String> {
        let mut scopes = None;
        let handlers = self.scopes.play.handlers.iter();
        let name = |handler: &Handler| {
            let common = &handler.task.common;
            if !common.name.contains("{{") {
                return common.name.clone();
            }
            let scopes = scopes.get_or_insert_with(|| self.scopes.clone());
            let scope = scopes.task_scope(&handler.frame.under(common), &Map::new());
            let written = Value::String(common.name.clone());
            let rendered = scope.text(&written, &common.at);
            rendered.unwrap_or_else(|_| common.name.clone())
        };
        handlers.map(name).collect()
    }

    /// The names that the host is to remember before a task changes it: of handlers it does not remember yet.
    pub fn to_note(&self, task_item: &TaskItem<'_>) -> Result<Vec<String>, Unresolved> {
        let mut names: Vec<String> = Vec::new();
        for index in self.notified_by(task_item)? {
            let key = self.scopes.play.handlers[index].key();
            if !self.scopes.state.noted.contains_key(key) && !names.iter().any(|name| name == key) {
                names.push(key.to_owned());
            }
        }
        Ok(names)
    }

    /// Notifies what a task that is done asks for. What it changed on the host noted it there before; the host is to
    /// remember the others now.
    pub async fn notify(
        &mut self,
        task_item: &TaskItem<'_>,
        taken: &TaskResult,
    ) -> Result<(), Unresolved> {
        if notifying(task_item).is_empty()
            || !taken.changed()
            || matches!(taken.ended, Ended::Failed(_))
        {
            return Ok(());
        }
        let names = self.to_note(task_item)?;
        if !self.supposes() {
            self.note_on_host(task_item, &names).await?;
            self.remember(task_item, &names);
            self.scopes.state.doubtful.clear();
        }
        let notified = self.notified_by(task_item)?;
        self.scopes.state.pending.extend(notified);
        Ok(())
    }

    /// Remembers, in a plan, whom a task may notify of which is not known whether it changes something.
    pub fn perhaps_notifies(&mut self, task_item: &TaskItem<'_>) {
        if self.supposes()
            && let Ok(found) = self.notified_by(task_item)
        {
            self.scopes.state.perhaps.extend(found);
        }
    }

    /// What becomes of an item for which something is missing.
    pub fn end_unresolved(
        &mut self,
        task_item: &TaskItem<'_>,
        unresolved: Unresolved,
    ) -> TaskResult {
        match unresolved {
            Unresolved::Unknown(address) => {
                self.decided(task_item, Verdict::Unknown(address.clone()));
                self.perhaps_notifies(task_item);
                TaskResult::unknown(&address)
            }
            Unresolved::Failed(failure) => TaskResult::failed(Map::new(), failure),
        }
    }

    /// The names of handlers that are notified and have not run.
    pub fn waiting_handlers(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .scopes
            .state
            .pending
            .iter()
            .filter_map(|index| self.scopes.play.handlers.get(*index))
            .map(|handler| handler.key().to_owned())
            .chain(self.scopes.state.noted.keys().cloned())
            .collect();
        names.sort();
        names.dedup();
        names
    }
}
