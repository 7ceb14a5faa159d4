//! Where a test stops a run: before and after every action. Only what the tests are built with has it.
//!
//! `LANDFALL_HALTS` names a folder of the test's. Every place is entered in its file `passed`, a line each. At the place
//! that stands in its file `at`, the run makes the file `halted` and stands still until there is a file `go`.

use std::{fs, fs::OpenOptions, io::Write, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::model::{
    Action, Address, Answer, Change, Failure, Outcome, Probe, Progress, Query, World,
};

/// A world in which a run can be stopped.
pub struct Halting<'a> {
    world: &'a dyn World,
    change: &'a Change,
    name: String,
}

impl<'a> Halting<'a> {
    /// The world while a task of a node makes this change.
    pub fn at(world: &'a dyn World, address: &Address, task: &str, change: &'a Change) -> Self {
        Self {
            world,
            change,
            name: format!("{address} [{task}]"),
        }
    }

    async fn pass(&self, when: &str, action: &Action) {
        let Some(folder) = std::env::var_os("LANDFALL_HALTS").map(PathBuf::from) else {
            return;
        };
        let index = self.change.actions.iter().position(|one| one == action);
        let place = format!("{when} {} {}", self.name, index.unwrap_or_default());
        let entered = OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("passed"))
            .and_then(|mut file| writeln!(file, "{place}"));
        let at = fs::read_to_string(folder.join("at")).unwrap_or_default();
        if entered.is_err() || at != place || folder.join("halted").exists() {
            return;
        }
        let halted = fs::write(folder.join("halted"), place);
        while halted.is_ok() && !folder.join("go").exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[async_trait]
impl Probe for Halting<'_> {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        self.world.ask(query).await
    }
}

#[async_trait]
impl World for Halting<'_> {
    async fn act(&self, action: &Action, progress: &Progress) -> Result<Outcome, Failure> {
        self.pass("before", action).await;
        let outcome = self.world.act(action, progress).await;
        self.pass("after", action).await;
        outcome
    }

    fn as_user(&self, user: &str) -> Arc<dyn World> {
        self.world.as_user(user)
    }
}
