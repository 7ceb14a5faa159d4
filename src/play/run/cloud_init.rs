//! A cloud's machine whose first start is still at work: users are being made, packages installed.

use std::time::{Duration, Instant};

use crate::{
    answer,
    model::{
        Answer, Failure, Probe, Query, Value,
        host::{HostAnswer, HostQuery, Stat},
    },
    observe::Remembered,
    play::run::Run,
};

/// Made at every start of a machine that cloud-init is at work on (cloud-init-generator).
const BEGINS: &str = "/run/cloud-init/enabled";
/// Made when the last of its stages has ended, well or not ("Boot stages" in cloud-init's documentation).
const ENDS: &str = "/run/cloud-init/result.json";
/// How long it is waited for: it may bring every package of an old image up to date.
const PATIENCE: Duration = Duration::from_secs(900);
/// How long between two looks.
const LOOK: Duration = Duration::from_secs(2);
/// What began so many seconds ago does not end any more: somebody took the last stage out.
const STALE: i64 = 3600;

/// When cloud-init began, in seconds since 1970, while it is at work; none otherwise. It is seen without its own
/// program, which is Python.
pub async fn at_work(world: &Remembered) -> Result<Option<i64>, Failure> {
    let (begun, ended) = futures::try_join!(stat(world, BEGINS), stat(world, ENDS))?;
    Ok(begun.filter(|_| ended.is_none()).map(|begun| begun.mtime))
}

fn asks(path: &str) -> Query {
    Query::Host(HostQuery::Stat {
        path: path.to_owned(),
        follow: false,
    })
}

async fn stat(world: &Remembered, path: &str) -> Result<Option<Stat>, Failure> {
    Ok(answer!(world, asks(path), Answer::Host(HostAnswer::Stat(stat)) => stat))
}

impl Run {
    /// Waits until cloud-init, which began then, has ended. What was asked before is asked anew.
    ///
    /// Fails when it comes to no end, and when we are asked to end.
    pub async fn wait_for_cloud_init(&self, begun: i64) -> Result<(), Failure> {
        if self
            .host_time()
            .await?
            .is_some_and(|now| now - begun > STALE)
        {
            return Ok(());
        }
        let progress = self.walk.events.progress(&self.walk.address);
        progress.say("waiting for cloud-init, which still prepares the host, to end");
        let began = Instant::now();
        loop {
            self.wait(LOOK).await;
            if let Some(interrupted) = self.interrupted() {
                return Err(interrupted);
            }
            self.world.forget(&asks(BEGINS));
            self.world.forget(&asks(ENDS));
            if at_work(&self.world).await?.is_none() {
                break;
            }
            if began.elapsed() > PATIENCE {
                return Err(Failure::new(
                    "cloud-init comes to no end",
                    "Waiting until the host was prepared by its first start.",
                )
                .why(format!(
                    "It was still at work after {} minutes.",
                    PATIENCE.as_secs() / 60
                ))
                .left_behind("Nothing was done.")
                .help("`cloud-init status --long` on the host says what it waits for."));
            }
        }
        self.world.forget_all();
        self.world.forget(&Query::Host(HostQuery::Facts));
        Ok(())
    }

    /// What the host's own clock says, in seconds since 1970.
    async fn host_time(&self) -> Result<Option<i64>, Failure> {
        let facts = self.facts().await?;
        let epoch = facts.get("date_time").and_then(|time| time.get("epoch"));
        Ok(epoch
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok()))
    }
}
