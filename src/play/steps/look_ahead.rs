//! Looking ahead: the questions of tasks to come are put together, so that they cost one round trip.
//!
//! A look ahead is the same walk on a copy of what is known. It does nothing and tells nobody; where a task's answer
//! is not there yet, the question is kept and the walk goes on without it. Then all kept questions are asked at once,
//! and the walk is repeated, since answers lead to further questions, until nothing is missing.

use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};

use crate::play::{result::flow::Flow, run::ahead::FAR, steps::walker::Walker};

/// How often answers may lead to further questions before the walk itself goes on.
const ROUNDS: usize = 8;

impl Walker {
    /// Looks ahead where the last look has been used up.
    pub fn look_ahead_when_due(&mut self) -> BoxFuture<'_, ()> {
        if self.run.ahead.is_some() || self.run.looked > 0 {
            return std::future::ready(()).boxed();
        }
        self.look_ahead().boxed()
    }

    async fn look_ahead(&mut self) {
        let most = self.run.reach.min(FAR);
        self.run.reach = (most * 2).min(FAR);
        for _ in 0..ROUNDS {
            let mut scout = self.scout(most);
            scout.walk_on().await;
            let Some(ahead) = scout.run.ahead.take() else {
                return;
            };
            self.run.looked = ahead.walked.max(1);
            let waiting = ahead.waiting();
            if waiting.is_empty() {
                return;
            }
            join_all(waiting).await;
        }
    }

    /// A copy that walks what comes from here, silently.
    fn scout(&self, most: usize) -> Walker {
        Walker {
            rest: self.rest.clone(),
            later: self.later.clone(),
            ..Walker::new(self.run.ahead(most))
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
}
