//! What is remembered between runs: targets, ledger, lock, journal. None of it is secret.
//!
//! ```text
//! <environment>/ledger.json            what we made, and from what it can be taken away
//! <environment>/lock.json              who is at work
//! <environment>/journal/<run>.jsonl    what a run meant to do and what came of it
//! <environment>/targets/<name>.json    where one can deploy
//! <environment>/history/<name>/<n>.json  the earlier editions of that record
//! <environment>/releases/<target>/<run>.json    what was deployed there
//! ```

mod folder;
mod holder;
mod journal;
mod key;
mod ledger;
mod lock;
mod private_folder;
mod record;
mod records;
mod refusal;
mod releases;
mod run;
mod s3;
mod store;
mod targets;
mod traces;
mod versions;

use std::sync::Arc;

pub use folder::Folder;
pub use holder::Holder;
pub use journal::{Intent, Journal, UnfinishedRun};
pub use key::Key;
pub use ledger::{Entry, Ledger, Made};
pub use lock::{Guard, Lease, Lock};
pub use releases::{Release, ReleaseState, ReleasedImage, Releases, which_runs};
pub use run::run_id;
pub use s3::S3;
pub use store::{Condition, Store, Version, WriteError};
pub use targets::Targets;
pub use traces::Traces;

use crate::model::Failure;
use records::Records;

/// The memory of one environment.
#[derive(Clone)]
pub struct Backend(Records);

impl Backend {
    /// The memory of this project's environment in that store, its keys behind a prefix of names with `/` between, or
    /// none.
    ///
    /// Refuses names that cannot be part of a key.
    pub fn new(
        store: Arc<dyn Store>,
        prefix: &str,
        project: &str,
        environment: &str,
    ) -> Result<Self, Failure> {
        Records::new(store, prefix, project, environment).map(Self)
    }

    /// Reads what was made by earlier runs; empty before the first one. Refused when it is another project's.
    pub async fn ledger(&self) -> Result<Ledger, Failure> {
        Ledger::open(self.0.clone()).await
    }

    /// The lock of the environment.
    pub fn lock(&self) -> Lock {
        Lock::new(self.0.clone(), Lease::default())
    }

    /// Begins the journal of this run. Fails when it cannot be written.
    pub async fn journal(&self, run: &str, purpose: &str) -> Result<Journal, Failure> {
        Journal::begin(self.0.clone(), run, purpose).await
    }

    /// The runs that were cut, oldest first; a run that still holds the lock is not among them.
    pub async fn unfinished(&self) -> Result<Vec<UnfinishedRun>, Failure> {
        let at_work = self.lock().holder().await?.map(|holder| holder.run);
        journal::unfinished(&self.0, at_work.as_deref()).await
    }

    /// Notes on a cut run that it was dealt with, so that it is not reported again.
    pub async fn settle(&self, cut: &UnfinishedRun, note: &str) -> Result<(), Failure> {
        journal::settle(&self.0, cut, note).await
    }

    /// The records of the targets.
    pub fn targets(&self) -> Targets {
        Targets::new(self.0.clone())
    }

    /// The records of what was deployed to the targets.
    pub fn releases(&self) -> Releases {
        Releases::new(self.0.clone())
    }

    /// What journals and targets say of what was made, for when the ledger is not there; `but` is the run that asks.
    pub async fn traces(&self, but: &str) -> Result<Traces, Failure> {
        traces::read(&self.0, but).await
    }

    /// The environment's name.
    pub fn environment(&self) -> &str {
        self.0.environment()
    }

    /// Where it is kept.
    pub fn store(&self) -> &dyn Store {
        self.0.store()
    }
}
