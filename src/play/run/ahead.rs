//! A look ahead, as the tasks that it comes to see it: questions that are not answered yet are put together.

use std::sync::Mutex;

use futures::{FutureExt, future::BoxFuture};

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
    /// One over so many items.
    pub fn over(most: usize) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    /// The questions that were put and not answered.
    pub fn waiting(self) -> Vec<BoxFuture<'static, ()>> {
        self.waiting.into_inner().unwrap_or_default()
    }

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
pub const NEAR: usize = 4;
