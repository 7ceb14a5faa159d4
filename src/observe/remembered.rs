//! A place whose answers are remembered until an action may have changed them.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use tokio::sync::OnceCell;

use super::{invalidation::invalidates, ways::Ways};
use crate::model::{
    Action, Answer, Failure, Outcome, Probe, Progress, Query, World, host::HostQuery,
};

/// A [`World`] that asks each question once, also when it is put several times at the same moment.
///
/// An action drops every answer it could have changed, whoever of the place's users had asked. Views made by
/// [`World::as_user`] share the memory; what two users are answered is kept apart.
#[derive(Clone)]
pub struct Remembered {
    world: Arc<dyn World>,
    user: Option<String>,
    memory: Arc<Memory>,
}

type Asked = (Option<String>, Query);

#[derive(Default)]
struct Memory {
    answers: Mutex<HashMap<Asked, Arc<OnceCell<Answer>>>>,
    asked: AtomicUsize,
}

impl Remembered {
    /// This world, with nothing remembered yet.
    pub fn new(world: Arc<dyn World>) -> Self {
        Self {
            world,
            user: None,
            memory: Arc::default(),
        }
    }

    /// The same place and memory as another user sees it.
    pub fn seen_by(&self, user: &str) -> Self {
        Self {
            world: self.world.as_user(user),
            user: Some(user.to_owned()),
            memory: self.memory.clone(),
        }
    }

    /// The place itself, which is asked anew each time: for whoever also acts beside this memory.
    pub fn unremembered(&self) -> Arc<dyn World> {
        self.world.clone()
    }

    /// Drops what was answered to this question, whoever asked.
    pub fn forget(&self, query: &Query) {
        self.memory
            .answers()
            .retain(|(_, remembered), _| remembered != query);
    }

    /// Drops every answer but gathered facts, whoever asked: the world may have moved by itself.
    pub fn forget_all(&self) {
        self.memory
            .answers()
            .retain(|(_, query), _| matches!(query, Query::Host(HostQuery::Facts)));
    }

    /// Drops every answer that these actions could have changed, whoever asked: the world may show only later what they
    /// did.
    pub fn forget_invalidated(&self, actions: &[Action]) {
        for action in actions {
            self.memory.forget(action);
        }
    }

    /// How many questions were really put to the world so far.
    pub fn asked(&self) -> usize {
        self.memory.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Probe for Remembered {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        let cell = self
            .memory
            .answers()
            .entry((self.user.clone(), query.clone()))
            .or_default()
            .clone();
        // A question that could not be asked is not remembered: the next one who needs the answer asks again.
        cell.get_or_try_init(|| {
            self.memory.asked.fetch_add(1, Ordering::Relaxed);
            self.world.ask(query)
        })
        .await
        .cloned()
    }
}

#[async_trait]
impl World for Remembered {
    async fn act(&self, action: &Action, progress: &Progress) -> Result<Outcome, Failure> {
        // Also when it fails or is dropped half-way: it may have changed something before.
        let _forgetting = Forgetting {
            memory: &self.memory,
            action,
        };
        self.world.act(action, progress).await
    }

    fn as_user(&self, user: &str) -> Arc<dyn World> {
        Arc::new(self.seen_by(user))
    }
}

struct Forgetting<'a> {
    memory: &'a Memory,
    action: &'a Action,
}

impl Drop for Forgetting<'_> {
    fn drop(&mut self) {
        self.memory.forget(self.action);
    }
}

impl Memory {
    /// Drops every answer that this action could have changed.
    fn forget(&self, action: &Action) {
        let mut answers = self.answers();
        let mut ways = Ways::default();
        for ((_, query), answer) in answers.iter() {
            if let Some(answer) = answer.get() {
                ways.learn(query, answer);
            }
        }
        answers.retain(|(_, query), _| {
            !(invalidates(action, query) || ways.may_change(action, query))
        });
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<Asked, Arc<OnceCell<Answer>>>> {
        // A panic elsewhere leaves a map that is still whole: entries are put in and taken out in one step.
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
