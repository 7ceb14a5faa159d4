//! Whom a task notifies.

use crate::{
    model::{Failure, Located, Map, Value, Verdict},
    play::{
        result::task_result::{Ended, TaskResult},
        run::Run,
        scope::{doing::Doing, lack::Lack},
    },
};

/// Whom a task notifies: as it says itself, else as is said of the include it comes from.
fn notifying<'a>(doing: &Doing<'a>) -> &'a [Located<Value>] {
    match doing.task.notify.is_empty() {
        true => &doing.frame.notify,
        false => &doing.task.notify,
    }
}

impl Run {
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
                let matching = self.scopes.play.answering(&name);
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

    /// The names that the host is to remember before a task changes it: of handlers it does not remember yet.
    pub fn to_note(&self, doing: &Doing<'_>) -> Result<Vec<String>, Lack> {
        let mut names: Vec<String> = Vec::new();
        for index in self.notified_by(doing)? {
            let key = self.scopes.play.handlers[index].key();
            if !self.scopes.state.noted.contains_key(key) && !names.iter().any(|name| name == key) {
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
            self.scopes.state.doubtful.clear();
        }
        let notified = self.notified_by(doing)?;
        self.scopes.state.pending.extend(notified);
        Ok(())
    }

    /// Remembers, in a plan, whom a task may notify of which is not known whether it changes something.
    pub fn perhaps_notifies(&mut self, doing: &Doing<'_>) {
        if self.supposes()
            && let Ok(found) = self.notified_by(doing)
        {
            self.scopes.state.perhaps.extend(found);
        }
    }

    /// What becomes of an item for which something is missing.
    pub fn lacking(&mut self, doing: &Doing<'_>, lack: Lack) -> TaskResult {
        match lack {
            Lack::Unknown(address) => {
                self.decided(doing, Verdict::Unknown(address.clone()));
                self.perhaps_notifies(doing);
                TaskResult::unknown(&address)
            }
            Lack::Failed(failure) => TaskResult::failed(Map::new(), failure),
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
