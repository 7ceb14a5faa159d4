//! A host as a place that is asked and acted on.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;

use super::{
    action,
    exchange::call::Call,
    exchange::frame::Reply,
    host::Host,
    question::{self, answer},
};
use crate::model::{
    Action, Answer, Digest, Failure, Outcome, Probe, Progress, Query, World, host::HostQuery,
    host_action::HostAction,
};

/// How long the lock of another apt is waited for; unattended upgrades of a fresh machine take minutes.
const APT_PATIENCE: Duration = Duration::from_secs(900);

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
            HostAction::Download(download) => {
                action::download(self, action, download, progress).await
            }
            HostAction::Reboot { timeout } => {
                action::reboot(self, action, *timeout, progress).await
            }
            HostAction::Reconnect => action::reconnect(self, action, progress).await,
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

impl Host {
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
        if sum.out.starts_with(read.as_bytes()) {
            Ok(())
        } else {
            Err(question::torn(&path))
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
