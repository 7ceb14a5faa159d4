//! A place that tells the log what it is asked and told to do: what `LANDFALL_LOG=landfall=debug` shows.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use tracing::{Level, debug, enabled};

use crate::model::{Action, Answer, Failure, Outcome, Place, Probe, Progress, Query, World};

/// How much of a question a line shows; the path or name it is about stands at its beginning.
const SHOWN: usize = 160;

/// A place, and what it is called in the log.
pub struct Logged {
    name: String,
    world: Arc<dyn World>,
}

impl Logged {
    /// This place under its own name.
    pub fn new(place: &Place, world: Arc<dyn World>) -> Self {
        Self {
            name: place.to_string(),
            world,
        }
    }

    async fn telling<T>(
        &self,
        verb: &str,
        what: &impl Debug,
        done: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        if !enabled!(Level::DEBUG) {
            return done.await;
        }
        let what: String = format!("{what:?}").chars().take(SHOWN).collect();
        let began = Instant::now();
        let result = done.await;
        let took = began.elapsed();
        match &result {
            Ok(_) => debug!("{}: {verb} {what}: {took:?}", self.name),
            Err(failure) => debug!(
                "{}: {verb} {what}: {took:?}: {}",
                self.name, failure.summary
            ),
        }
        result
    }
}

#[async_trait]
impl Probe for Logged {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        self.telling("asked", query, self.world.ask(query)).await
    }
}

#[async_trait]
impl World for Logged {
    async fn act(&self, action: &Action, progress: &Progress) -> Result<Outcome, Failure> {
        let done = self.world.act(action, progress);
        self.telling("told", action, done).await
    }

    fn as_user(&self, user: &str) -> Arc<dyn World> {
        Arc::new(Self {
            name: format!("{} as {user}", self.name),
            world: self.world.as_user(user),
        })
    }
}
