//! A host over SSH: one connection, one long-lived shell a user, questions that wait together sent together.
//!
//! ```text
//!  contact    before any run: whose key it is, and the first key that opens it
//!  login      the connection, a user's shell begun, and why it did not come about
//!  exchange   what waits sent to that shell as one request, for as long as it lives
//!  question   what can be asked, and what the replies say
//!  action     what can be done
//!  prelude/   what our shells on the host know
//! ```

mod action;
mod contact;
mod exchange;
mod login;
mod question;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;

pub use contact::askpass::{ASKED, answer as answer_password};
pub use contact::first_key::{Password, first_key};
pub use contact::known_hosts::Standing;
pub use contact::trust::{Contact, Key, command as trust_command, knows};
pub use login::connection::Settings;

use exchange::call::Call;
use exchange::frame::Reply;
use exchange::queue::Queue;
use exchange::step::Mark;
use exchange::{patience, step};
use login::connection::{self, Connection};
use question::answer;

use crate::model::{
    Action, Answer, Digest, Failure, Login, Outcome, Probe, Progress, Query, World,
    host::HostQuery, host_action::HostAction,
};

/// How long between two looks at something that is held by somebody else.
const LOOK: Duration = Duration::from_secs(2);

/// How long the lock of another apt is waited for; unattended upgrades of a fresh machine take minutes.
const APT_PATIENCE: Duration = Duration::from_secs(900);

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

    fn queue(&self) -> Result<Queue, Failure> {
        connection::check_user(&self.user)?;
        let mut shells = self.shells.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = shells
            .entry(self.user.clone())
            .or_insert_with(|| Queue::new(self.connection.clone(), self.user.clone()));
        Ok(queue.clone())
    }

    async fn question(&self, call: Call) -> Result<Reply, Failure> {
        self.queue()?.ask(call).await
    }

    /// Reads what one answer does not hold of a file, and makes sure that all of it is of the same file.
    async fn rest(&self, query: &HostQuery, whole: &mut Reply, call: Call) -> Result<(), Failure> {
        let mut next = Some(call);
        while let Some(call) = next.take() {
            let mut part = self.question(call).await?;
            let came = whole.out.len() + part.out.len();
            next = question::more(query, &part, came)?;
            whole.out.append(&mut part.out);
            if part.rc != 0 || part.refused.is_some() {
                (whole.rc, whole.err, whole.refused) = (part.rc, part.err, part.refused);
                return Ok(());
            }
        }
        let HostQuery::Read { path } = query else {
            return Ok(());
        };
        let path = path.clone();
        let sum = self
            .question(question::call(&HostQuery::Sha256 { path: path.clone() })?)
            .await?;
        let read = Digest::of(&whole.out).sha256;
        match sum.out.starts_with(read.as_bytes()) {
            true => Ok(()),
            false => Err(question::torn(&path)),
        }
    }

    /// Performs a call as a step of this run, after a step of another run has ended.
    async fn step(&self, call: Call, progress: &Progress) -> Result<Reply, Failure> {
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
            let Some(mark) = held.and_then(Mark::read) else {
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
    async fn pause(&self) -> Result<(), Failure> {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => Ok(()),
            () = self.connection.settings.stop.cancelled() => Err(patience::interrupted(format!(
                "Waiting on {} for what somebody else is at.",
                self.connection.name
            ))
            .left("This step was not begun.")),
        }
    }

    /// Runs apt or dpkg, again when it did nothing because another one holds the lock.
    async fn apt(&self, action: &HostAction, progress: &Progress) -> Result<Outcome, Failure> {
        let call = action::call(action)?;
        let began = Instant::now();
        loop {
            let reply = self.step(call.clone(), progress).await?;
            if !action::is_locked(&reply) || began.elapsed() > APT_PATIENCE {
                return action::outcome(action, reply);
            }
            progress.say("waiting for another package manager to end");
            self.pause().await?;
        }
    }
}

#[async_trait]
impl Probe for Host {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        let query = host_query(query)?;
        let mut reply = self.question(question::call(query)?).await?;
        if let Some(call) = question::more(query, &reply, reply.out.len())? {
            self.rest(query, &mut reply, call).await?;
        }
        Ok(Answer::Host(answer::answer(query, reply)?))
    }
}

#[async_trait]
impl World for Host {
    async fn act(&self, action: &Action, progress: &Progress) -> Result<Outcome, Failure> {
        let Action::Host(action) = action else {
            return Err(Failure::bug(format!("a host was told to do {action:?}")));
        };
        match action {
            HostAction::Apt { .. } => self.apt(action, progress).await,
            HostAction::Download(download) => self.download(action, download, progress).await,
            HostAction::Reboot { timeout } => self.reboot(action, *timeout, progress).await,
            one => action::outcome(one, self.step(action::call(one)?, progress).await?),
        }
    }

    fn as_user(&self, user: &str) -> Arc<dyn World> {
        Arc::new(self.user(user))
    }
}

fn host_query(query: &Query) -> Result<&HostQuery, Failure> {
    match query {
        Query::Host(query) => Ok(query),
        other => Err(Failure::bug(format!("a host was asked {other:?}"))),
    }
}
