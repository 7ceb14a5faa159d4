//! The executor of `apply`, as one run has it: it really acts, and keeps its journal and its ledger in a folder of the
//! test's own.

use std::sync::Arc;

use landfall::apply::Perform;
use landfall::backend::{Backend, Journal, Key};
use landfall::model::Redactor;
use landfall::play::Executor;

use super::stores::{Kept, folder};

const RUN: &str = "run-1";

/// A run that has begun. Its memory goes away with it.
pub struct Run {
    executor: Arc<Perform>,
    journal: Arc<Journal>,
    backend: Backend,
    kept: Kept,
}

impl Run {
    /// One that knows of no secret.
    pub async fn begin() -> Self {
        Self::hiding(Redactor::default()).await
    }

    /// One that writes down nothing of what this hides.
    pub async fn hiding(redactor: Redactor) -> Self {
        let kept = folder();
        let backend = Backend::new(kept.store.clone(), "", "review", "review").unwrap();
        let ledger = backend.ledger().await.unwrap();
        let journal = Arc::new(backend.journal(RUN, "apply").await.unwrap());
        let executor = Arc::new(Perform::new(ledger, journal.clone(), redactor, RUN));
        Self {
            executor,
            journal,
            backend,
            kept,
        }
    }

    pub fn executor(&self) -> Arc<dyn Executor> {
        self.executor.clone()
    }

    /// Ends it, once the walk let go of the executor, and gives its journal. All that was begun must have its end there.
    pub async fn end(self) -> String {
        for cut in self.backend.unfinished().await.unwrap() {
            assert_eq!(cut.intents, [], "begun without an end");
        }
        drop(self.executor);
        let journal = Arc::into_inner(self.journal).expect("somebody still walks");
        journal.end("done").await.unwrap();
        let record = Key::new(&["review", "journal", &format!("{RUN}.jsonl")]).unwrap();
        let lines = self.kept.store.read_whole(&record).await.unwrap();
        String::from_utf8(lines.unwrap()).unwrap()
    }
}
