//! Looking ahead: the questions of tasks to come are put together, so that they cost one round trip.
//!
//! A look ahead is the same walk on a copy of what is known. It does nothing and tells nobody; where a task's answer
//! is not there yet, the question is kept and the walk goes on without it. Then all kept questions are asked at once,
//! and the walk is repeated, since answers lead to further questions, until nothing is missing.

use std::sync::Mutex;

use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};

use crate::play::result::flow::Flow;
use crate::play::steps::walker::Walker;

/// A look ahead under way.
#[derive(Default)]
pub struct Ahead {
    /// Questions that were put and not answered yet.
    waiting: Mutex<Vec<BoxFuture<'static, ()>>>,
    /// How many items with a module that speaks to the host were walked.
    pub walked: usize,
    /// How many at the most.
    pub most: usize,
}

impl Ahead {
    /// The answer, if it is there. If not, the question is kept, to be asked with the others.
    pub fn now<T: 'static>(&mut self, mut question: BoxFuture<'static, T>) -> Option<T> {
        let answer = (&mut question).now_or_never();
        if answer.is_none()
            && let Ok(waiting) = self.waiting.get_mut()
        {
            waiting.push(question.map(drop).boxed());
        }
        answer
    }
}

/// How many items ahead the first look goes, and how many at the most.
pub const FAR: usize = 512;
/// How many items ahead the look after an action goes: what is asked now is likely to be asked again soon.
const NEAR: usize = 4;
/// How often answers may lead to further questions before the walk itself goes on.
const ROUNDS: usize = 8;

impl Walker {
    /// Looks ahead where the last look has been used up.
    pub fn look_ahead_when_due(&mut self) -> BoxFuture<'_, ()> {
        if self.ahead.is_some() || self.looked > 0 {
            return std::future::ready(()).boxed();
        }
        self.look_ahead().boxed()
    }

    async fn look_ahead(&mut self) {
        let most = self.reach.min(FAR);
        self.reach = (most * 2).min(FAR);
        for _ in 0..ROUNDS {
            let mut scout = self.scout(most);
            scout.walk_on().await;
            let Some(ahead) = scout.ahead.take() else {
                return;
            };
            self.looked = ahead.walked.max(1);
            let waiting = ahead.waiting.into_inner().unwrap_or_default();
            if waiting.is_empty() {
                return;
            }
            join_all(waiting).await;
        }
    }

    /// A copy that walks what comes from here, silently.
    fn scout(&self, most: usize) -> Walker {
        Walker {
            walk: self.walk.clone(),
            world: self.world.clone(),
            files: self.files.clone(),
            stage: self.stage.clone(),
            state: self.state.clone(),
            rest: self.rest.clone(),
            later: self.later.clone(),
            verdicts: Vec::new(),
            flow: Flow::Go,
            ahead: Some(Ahead {
                most,
                ..Ahead::default()
            }),
            looked: 0,
            reach: 0,
            base: self.base.clone(),
            entered: 0,
        }
    }

    async fn walk_on(&mut self) {
        let play = self.rest.first().map(|rest| rest.frame.clone());
        while let Some(rest) = self.rest.pop() {
            let outer = std::mem::take(&mut self.rest);
            let flow = self.steps_from(rest).await;
            self.rest = outer;
            if matches!(flow, Ok(Flow::EndHost | Flow::EndPlay)) {
                return;
            }
        }
        let Some(frame) = play else { return };
        if self.flush().await.is_err() {
            return;
        }
        for section in std::mem::take(&mut self.later) {
            let flow = self.steps(section, frame.clone()).await;
            if !matches!(flow, Ok(Flow::Go)) || self.flush().await.is_err() {
                return;
            }
        }
    }

    /// Whether a look ahead has gone far enough.
    pub fn far_enough(&self) -> bool {
        self.ahead
            .as_ref()
            .is_some_and(|ahead| ahead.walked >= ahead.most)
    }

    /// An action was performed: answers were forgotten, so the next look is due, and is short.
    pub fn acted(&mut self) {
        self.looked = 0;
        self.reach = NEAR;
        self.state.acted = true;
    }
}
