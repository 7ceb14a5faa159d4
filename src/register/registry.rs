//! The registry as a place that is asked and changed like any other.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::verify::{Entrance, stamp, verify};
use crate::backend::{Releases, Targets};
use crate::model::registry::{RegistryAnswer, RegistryQuery};
use crate::model::registry_action::RegistryAction;
use crate::model::{
    Action, Answer, CheckResult, Failure, Outcome, Probe, Progress, Query, Target, World,
};

/// The records of one environment's targets. None is written of a target that was not used the way CI will use it.
#[derive(Clone)]
pub struct Registry {
    targets: Targets,
    releases: Releases,
    entrance: Arc<dyn Entrance>,
}

impl Registry {
    /// The registry that these records are, whose targets are entered this way.
    pub fn new(targets: Targets, releases: Releases, entrance: Arc<dyn Entrance>) -> Self {
        Self {
            targets,
            releases,
            entrance,
        }
    }

    /// Verifies the target, then writes its record with the stamp; its time is that of its writing.
    async fn register(&self, target: &Target, progress: &Progress) -> Result<(), Failure> {
        progress.say("verifying it the way CI will use it");
        let released = self.releases.current(&target.name).await?;
        let checks = verify(target, released.as_ref(), &*self.entrance).await;
        let mut target = target.clone();
        let now = Timestamp::now();
        let stamp = stamp(&target, checks, now)?;
        for check in &stamp.checks {
            if let CheckResult::Skipped { why } = &check.result {
                progress.say(format!("not tried: {}: {why}", check.name));
            }
        }
        let failed: Vec<_> = stamp.failed().cloned().collect();
        if !failed.is_empty() {
            return Err(broken_promise(&target, &failed));
        }
        target.registered = stamp.at.clone();
        target.verified = Some(stamp);
        self.targets.put(&target).await
    }
}

/// The failure of a target that does not do what its record would promise.
fn broken_promise(target: &Target, failed: &[crate::model::Check]) -> Failure {
    let mut whys = Vec::new();
    let mut helps: Vec<&str> = Vec::new();
    for check in failed {
        if let CheckResult::Failed { why, help, .. } = &check.result {
            whys.push(format!("{}: {why} (`{}`)", check.name, check.tried));
            if !help.is_empty() && !helps.contains(&help.as_str()) {
                helps.push(help);
            }
        }
    }
    Failure::new(
        "the target does not work as CI will use it",
        format!("verifying `{}` before it is registered", target.name),
    )
    .why(whys.join("\n"))
    .left_behind("What was prepared stays; the registry is as it was.")
    .help(format!(
        "{}. Then run it again.",
        helps.join(". ").trim_end_matches('.')
    ))
}

#[async_trait]
impl Probe for Registry {
    /// Refuses questions about anything but targets.
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        let Query::Registry(RegistryQuery::Target { name }) = query else {
            return Err(Failure::bug(format!("the registry was asked {query:?}")));
        };
        let target = self.targets.get(name).await?;
        Ok(Answer::Registry(RegistryAnswer::Target(
            target.map(Box::new),
        )))
    }
}

#[async_trait]
impl World for Registry {
    /// Verifies a target and writes its record, or removes it. Refuses any other action.
    async fn act(&self, action: &Action, progress: &Progress) -> Result<Outcome, Failure> {
        match action {
            Action::Registry(RegistryAction::Register(target)) => {
                self.register(target, progress).await?;
            }
            Action::Registry(RegistryAction::Remove { name }) => {
                self.targets.remove(name).await?;
            }
            other => {
                return Err(Failure::bug(format!(
                    "the registry was asked to do {other:?}"
                )));
            }
        }
        Ok(Outcome::Done)
    }

    /// There are no users in a registry.
    fn as_user(&self, _user: &str) -> Arc<dyn World> {
        Arc::new(self.clone())
    }
}
