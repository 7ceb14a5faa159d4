//! The registry of deploy targets, as a place that is asked and changed like any other.

use std::sync::Arc;

use async_trait::async_trait;

use crate::backend::Targets;
use crate::model::registry::{RegistryAnswer, RegistryQuery};
use crate::model::registry_action::RegistryAction;
use crate::model::{Action, Answer, Failure, Outcome, Probe, Progress, Query, Target, World};

/// The registry of one environment.
#[derive(Clone)]
pub struct Registry(Targets);

impl Registry {
    /// The registry that these records are.
    pub fn new(targets: Targets) -> Self {
        Self(targets)
    }
}

#[async_trait]
impl Probe for Registry {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        match query {
            Query::Registry(RegistryQuery::Target { name }) => {
                let target = self.0.get(name).await?.map(Box::new);
                Ok(Answer::Registry(RegistryAnswer::Target(target)))
            }
            other => Err(Failure::bug(format!("the registry was asked {other:?}"))),
        }
    }
}

#[async_trait]
impl World for Registry {
    async fn act(&self, action: &Action, _: &Progress) -> Result<Outcome, Failure> {
        match action {
            Action::Registry(RegistryAction::Register(target)) => {
                let registered = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                self.0.put(&Target { registered, ..(**target).clone() }).await?;
            }
            Action::Registry(RegistryAction::Remove { name }) => {
                self.0.remove(name).await?;
            }
            _ => return Err(Failure::bug("the registry was told to act on another place")),
        }
        Ok(Outcome::Done)
    }

    fn as_user(&self, _: &str) -> Arc<dyn World> {
        Arc::new(self.clone())
    }
}
