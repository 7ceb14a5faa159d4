//! A probe that keeps what was asked through it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::{
    model::{
        Action, Answer, Change, Failure, Probe, Query,
        host::{HostAnswer, HostQuery, Way},
    },
    observe::Remembered,
    play::foreseen::Foreseen,
};

/// A probe that keeps what was asked through it, so that a plan can tell which answers a supposed change would alter.
///
/// Where a file is looked at it asks one thing more: where the path leads, and whether an action would go there. Both
/// travel together. By that a plan knows what the host would refuse, and a run which answers about other paths an action
/// may have changed.
pub struct RecordingProbe {
    world: Remembered,
    foreseen: Arc<Foreseen>,
    heard: Mutex<Recording>,
}

/// What was asked, and what of the answers matters to a plan.
#[derive(Debug, Default)]
pub struct Recording {
    /// Every question.
    pub asked: Vec<Query>,
    /// Whether something was asked that only the host can tell, once what is supposed was done.
    pub unforeseen: bool,
    /// The paths at which nothing is.
    pub absent: Vec<String>,
    /// The ways that an action would refuse, and why.
    refused: Vec<Refused>,
}

#[derive(Debug)]
struct Refused {
    path: String,
    follow: bool,
    why: String,
}

impl Refused {
    fn question(&self) -> Query {
        Query::Host(HostQuery::Way {
            path: self.path.clone(),
            follow: self.follow,
        })
    }
}

impl RecordingProbe {
    /// Nothing was asked yet.
    pub fn new(world: Remembered, foreseen: Arc<Foreseen>) -> Self {
        Self {
            world,
            foreseen,
            heard: Mutex::default(),
        }
    }

    /// What was asked.
    pub fn recording(self) -> Recording {
        self.heard
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn noted(&self) -> MutexGuard<'_, Recording> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer as it will be when what is supposed was done.
    fn foresee(&self, query: &Query, now: Answer) -> Answer {
        let (Query::Host(asked), Answer::Host(said)) = (query, &now) else {
            return now;
        };
        if self.foreseen.is_empty() {
            return now;
        }
        match self.foreseen.answer(asked, said.clone()) {
            Some(answer) => Answer::Host(answer),
            None => {
                self.noted().unforeseen = true;
                now
            }
        }
    }

    async fn way(&self, query: &Query) -> Result<(), Failure> {
        let Query::Host(HostQuery::Stat { path, follow }) = query else {
            return Ok(());
        };
        let mut way = Refused {
            path: path.clone(),
            follow: *follow,
            why: String::new(),
        };
        match self.world.ask(&way.question()).await? {
            Answer::Host(HostAnswer::Way(Way::Leads(_))) => {}
            Answer::Host(HostAnswer::Way(Way::Refused(why))) => {
                way.why = why;
                self.noted().refused.push(way);
            }
            other => return Err(other.mismatch(&way.question())),
        }
        Ok(())
    }
}

#[async_trait]
impl Probe for RecordingProbe {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        self.noted().asked.push(query.clone());
        // Where the one cannot be asked, the other's words say why.
        let answer = futures::join!(self.world.ask(query), self.way(query)).0?;
        let answer = self.foresee(query, answer);
        if let (Query::Host(HostQuery::Stat { path, .. }), Answer::Host(HostAnswer::Stat(None))) =
            (query, &answer)
        {
            self.noted().absent.push(path.clone());
        }
        Ok(answer)
    }
}

impl Recording {
    /// Why the host would refuse to make this change, as far as `holds` says that the answer is still true.
    pub fn refusal(&self, change: &Change, holds: impl Fn(&Query) -> bool) -> Option<Failure> {
        let ways = change.actions.iter().filter_map(Action::path_on_host);
        let mut refused = ways.flat_map(|(path, follow)| {
            // Where nothing is, there is no link to be looked through either.
            let absent = self.absent.iter().any(|absent| absent == path);
            self.refused
                .iter()
                .filter(move |way| way.path == path && (absent || way.follow == follow))
        });
        let way = refused.find(|way| holds(&way.question()))?;
        let what = format!("Changing {}.", way.path);
        Some(Failure::new("the host would refuse this change", what).why(&way.why))
    }
}
