//! A host as one of its users: where its shells are, and how a call gets there.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    exchange::call::Call,
    exchange::frame::Reply,
    exchange::liveness,
    exchange::queue::Queue,
    exchange::step::{self, StepMark},
    login::connection::Connection,
    login::master::Former,
    login::options::check_user,
    login::settings::Settings,
};
use crate::model::{Failure, Login, Progress};

/// How long between two looks at something that is held by somebody else.
const LOOK: Duration = Duration::from_secs(2);

/// A host, seen as one of its users. Clones share the connection.
#[derive(Debug, Clone)]
pub struct Host {
    connection: Arc<Connection>,
    shells: Arc<Mutex<BTreeMap<String, Queue>>>,
    user: String,
}

impl Host {
    /// Connects to the host that this environment calls `name`. Nothing runs on it before something is asked.
    ///
    /// Fails with advice when the host key is not known or has changed, when the host does not answer, and when it
    /// does not let the user in; refuses names that could be misread as options.
    pub async fn connect(login: &Login, name: &str, settings: Settings) -> Result<Self, Failure> {
        let user = if settings.become_root {
            "root"
        } else {
            &login.user
        };
        let connection = Connection::open(login, name, settings).await?;
        Ok(Self {
            connection: Arc::new(connection),
            shells: Arc::default(),
            user: user.to_owned(),
        })
    }

    /// The same host as this user of it. Whether one may become that user shows when something is asked.
    pub fn user(&self, user: &str) -> Self {
        Self {
            user: user.to_owned(),
            ..self.clone()
        }
    }

    /// How many requests were sent and answered so far, over all users; the handshake is not counted.
    pub fn round_trips(&self) -> u64 {
        let counter = &self.connection.settings.round_trips;
        counter.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Logs in anew and goes on over that login; gives the one before, which stands.
    pub(super) async fn login_anew(&self) -> Result<Former, Failure> {
        let before = self.connection.renew().await?;
        self.end_shells();
        Ok(before)
    }

    /// Goes on over this login again.
    pub(super) async fn go_back_to(&self, before: Former) {
        self.connection.restore(before).await;
        self.end_shells();
    }

    /// Ends the shells of all users, so that the next question begins new ones.
    fn end_shells(&self) {
        let mut shells = self.shells.lock().unwrap_or_else(PoisonError::into_inner);
        shells.clear();
    }

    fn queue(&self) -> Result<Queue, Failure> {
        check_user(&self.user)?;
        let mut shells = self.shells.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = shells
            .entry(self.user.clone())
            .or_insert_with(|| Queue::new(self.connection.clone(), self.user.clone()));
        Ok(queue.clone())
    }

    /// Asks a question.
    pub(super) async fn question(&self, call: Call) -> Result<Reply, Failure> {
        self.queue()?.ask(call).await
    }

    /// Performs a call as a step of this run, after a step of another run has ended.
    pub(super) async fn step(&self, call: Call, progress: &Progress) -> Result<Reply, Failure> {
        let queue = self.queue()?;
        let call = call.step(&self.connection.settings.run);
        let began = Instant::now();
        let mut told = false;
        loop {
            let reply = queue.act(call.clone(), progress).await?;
            let held = reply
                .refused
                .as_deref()
                .and_then(|words| words.strip_prefix("held "));
            let Some(mark) = held.and_then(StepMark::read) else {
                return Ok(reply);
            };
            if began.elapsed() > step::PATIENCE {
                return Err(mark.endless(&self.connection.name, &self.user));
            }
            if !told {
                progress.say(format!(
                    "waiting for {}, which is at work on the host as {}",
                    mark.describe(),
                    self.user
                ));
                told = true;
            }
            self.pause().await?;
        }
    }

    /// Waits a little before another look. Fails when the end is asked for meanwhile: nothing was begun.
    pub(super) async fn pause(&self) -> Result<(), Failure> {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => Ok(()),
            () = self.connection.settings.stop.cancelled() => Err(liveness::interrupted(format!(
                "Waiting on {} for what somebody else is at.",
                self.connection.name
            ))
            .left_behind("This step was not begun.")),
        }
    }
}
