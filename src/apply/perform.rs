//! What acts: journal, act, journal; and the ledger beside it.

use std::sync::Arc;

use async_trait::async_trait;

use super::in_order::in_order;
use crate::backend::{Entry, Journal, Ledger, Made};
use crate::model::{
    Address, Change, Effect, Event, Failure, Node, Printed, Progress, Redactor, Value, World,
};
use crate::plan::{LedgerExecutor, Record};
use crate::play::{self, Executor, Performed};
use crate::resource::{nature, nature::Mark};

/// What is noted of a failure's text: a program may print a line without end.
const MESSAGE: usize = 64 << 10;

/// Performs changes one action after the other.
pub struct Perform {
    ledger: Ledger,
    journal: Arc<Journal>,
    redactor: Redactor,
    run: String,
}

impl Perform {
    /// One that writes here.
    pub fn new(ledger: Ledger, journal: Arc<Journal>, redactor: Redactor, run: &str) -> Self {
        Self {
            ledger,
            journal,
            redactor,
            run: run.to_owned(),
        }
    }
}

impl Perform {
    /// How a thing came to be ours that was entered under another section's name: its section was renamed since.
    async fn under_another_name(&self, node: &Node, record: &Record) -> Option<Made> {
        let kind = node.address.kind;
        let nature = nature(kind);
        let name = nature.name(&record.values)?.same;
        let same = |entry: &Entry| {
            entry.address.kind == kind
                && entry
                    .values
                    .as_object()
                    .and_then(|values| nature.name(values))
                    .is_some_and(|other| other.same == name)
        };
        let entries = self.ledger.entries().await;
        entries
            .values()
            .find(|entry| same(entry))
            .map(|entry| entry.made)
    }
}

#[async_trait]
impl Executor for Perform {
    async fn perform(
        &self,
        world: &dyn World,
        address: &Address,
        task: &str,
        change: &Change,
        shown: &Change,
        progress: &Progress,
    ) -> Result<Performed, Failure> {
        let task = (!task.is_empty()).then(|| task.to_owned());
        let intent = Event::Acting {
            address: address.clone(),
            task: task.clone(),
            change: shown.clone(),
        };
        self.journal.write(&self.redactor.event(intent)).await?;
        #[cfg(feature = "halts")]
        let world =
            &super::halt::Halting::at(world, address, task.as_deref().unwrap_or(""), change);
        match in_order(world, change, progress, &self.redactor).await {
            Ok(outcomes) => {
                let outcome = Event::Acted {
                    address: address.clone(),
                    task,
                };
                self.journal.write(&self.redactor.event(outcome)).await?;
                Ok(Performed::Done(outcomes))
            }
            Err(failure) => {
                // The walk tells it; here it is only noted how the intent ended.
                let noted = if progress.is_hidden() {
                    failure.clone().hidden("the task is marked no_log")
                } else {
                    failure.clone().apart().0
                };
                let noted = Event::Failed {
                    address: address.clone(),
                    failure: self.redactor.failure(noted).within(MESSAGE),
                };
                self.journal.write(&noted).await?;
                Err(failure)
            }
        }
    }

    async fn keep(
        &self,
        address: &Address,
        task: &str,
        printed: &Printed,
    ) -> Result<Option<play::Kept>, Failure> {
        let task = self.redactor.text(task);
        let printed = printed.map(|text| self.redactor.text(text));
        let whole = self.journal.keep(address, &task, &printed).await?;
        let place = self.journal.location()?;
        Ok(Some(play::Kept { place, whole }))
    }

    fn supposes(&self) -> bool {
        false
    }
}

#[async_trait]
impl LedgerExecutor for Perform {
    async fn leave(&self, node: &Node) -> Result<(), Failure> {
        self.ledger.forget(&node.address).await
    }

    /// Enters a thing in the ledger: before it is made, so that a run that is killed half-way has it there, and again
    /// when it stands. What is there already in these words is not written again.
    async fn enter(
        &self,
        node: &Node,
        record: &Record,
        effect: Option<Effect>,
    ) -> Result<(), Failure> {
        let before = self.ledger.get(&node.address).await;
        let known = match (&before, effect) {
            (Some(entry), _) => Some(entry.made),
            (None, Some(Effect::Create | Effect::Replace | Effect::Run | Effect::Adopt)) => None,
            (None, _) => self.under_another_name(node, record).await,
        };
        let made = match (known, effect) {
            (Some(made), _) => made,
            (None, Some(Effect::Create | Effect::Replace | Effect::Run)) => Made::Made,
            (None, Some(Effect::Adopt)) => Made::Adopted,
            // It was there before this ledger knew of it. What carries nothing by which it were ours is somebody's own,
            // and what is declared to be taken over is never ours to destroy.
            (None, _) if nature(node.address.kind).mark == Mark::Nothing => Made::Adopted,
            (None, _) if record.values.get("adopt") == Some(&Value::Bool(true)) => Made::Adopted,
            (None, _) => Made::Made,
        };
        let values = Value::Object(record.values.clone());
        let mut entry = Entry::new(
            node.address.clone(),
            node.place.clone(),
            made,
            values,
            &self.run,
        );
        entry.needs = node.needs.iter().cloned().collect();
        entry.home.clone_from(&record.home);
        entry.extra = record.extra.clone();
        let same = before.is_some_and(|before| {
            before.made == entry.made
                && before.values == entry.values
                && before.needs == entry.needs
                && before.home == entry.home
                && before.extra == entry.extra
        });
        if same {
            Ok(())
        } else {
            self.ledger.record(entry).await
        }
    }
}
