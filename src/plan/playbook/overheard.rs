//! A probe that keeps what was asked through it.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::{
    model::{Answer, Failure, Probe, Query},
    observe::Remembered,
};

/// A probe that keeps what was asked through it, so that a plan can tell which answers a supposed change would alter.
pub(super) struct Overheard {
    world: Remembered,
    asked: Mutex<Vec<Query>>,
}

impl Overheard {
    /// Nothing was asked yet.
    pub fn new(world: Remembered) -> Self {
        Self {
            world,
            asked: Mutex::default(),
        }
    }

    /// What was asked.
    pub fn asked(self) -> Vec<Query> {
        self.asked
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Probe for Overheard {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(query.clone());
        self.world.ask(query).await
    }
}
