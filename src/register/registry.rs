//! The registry as a place that is asked and changed like any other.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::backend::Targets;
use crate::model::registry::{RegistryAnswer, RegistryQuery};
use crate::model::registry_action::RegistryAction;
use crate::model::{Action, Answer, Failure, Outcome, Probe, Progress, Query, World};

/// The records of one environment's targets.
#[derive(Clone)]
pub struct Registry {
    targets: Targets,
}

impl Registry {
    /// The registry that these records are.
    pub fn new(targets: Targets) -> Self {
        Self { targets }
    }
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
    /// Writes or removes a record; the time of a record is that of its writing. Refuses any other action.
    async fn act(&self, action: &Action, _progress: &Progress) -> Result<Outcome, Failure> {
        match action {
            Action::Registry(RegistryAction::Register(target)) => {
                let mut target = (**target).clone();
                target.registered = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                self.targets.put(&target).await?;
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
