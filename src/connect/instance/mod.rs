//! A host and its AWS account as one place: the host as a container instance of an ECS cluster ("ECS Anywhere").
//!
//! ```text
//!  agents   what is said to the two agents on the host
//!  act      what is done, each step such that doing it twice ends where doing it once ends
//! ```

mod act;
mod agents;

use std::sync::Arc;

use async_trait::async_trait;

use super::command;
use crate::answer;
use crate::model::ecs::{ContainerInstanceSeen, EcsAnswer, EcsQuery};
use crate::model::instance::{AgentsSeen, InstanceAnswer, InstanceQuery, InstanceSeen};
use crate::model::ssm::{ManagedInstanceSeen, SsmAnswer, SsmQuery};
use crate::model::{Action, Answer, Failure, Outcome, Probe, Progress, Query, World};

/// A host and the account that it is to serve.
#[derive(Clone)]
pub struct Instance {
    /// The host, as root.
    host: Arc<dyn World>,
    /// The account.
    aws: Arc<dyn World>,
}

impl Instance {
    /// This host, as root, in this account.
    pub fn of(host: Arc<dyn World>, aws: Arc<dyn World>) -> Self {
        Self { host, aws }
    }

    async fn state(&self) -> Result<InstanceSeen, Failure> {
        let host = self.agents().await?;
        if host.machine.is_empty() {
            return Ok(InstanceSeen {
                host,
                ..InstanceSeen::default()
            });
        }
        let instance = async {
            match host.cluster.as_str() {
                "" => Ok(None),
                cluster => self.instance(cluster, &host.machine).await,
            }
        };
        let (managed, instance) = tokio::join!(self.managed(&host.machine), instance);
        let (managed, instance) = (managed?, instance?);
        Ok(InstanceSeen {
            host,
            managed,
            instance,
        })
    }

    /// What the host has of the agents.
    async fn agents(&self) -> Result<AgentsSeen, Failure> {
        let ran = command::asked(self.host.as_ref(), agents::look()).await?;
        match ran.ok() {
            true => Ok(agents::read(&ran.out())),
            false => Err(agents::refused("looking at the agents of AWS", &ran)),
        }
    }

    /// What Systems Manager knows of a machine.
    async fn managed(&self, machine: &str) -> Result<Option<ManagedInstanceSeen>, Failure> {
        let id = machine.to_owned();
        let query = Query::Ssm(SsmQuery::ManagedInstance { id });
        Ok(answer!(self.aws, query, Answer::Ssm(SsmAnswer::ManagedInstance(seen)) => seen))
    }

    /// What ECS knows of a machine in a cluster.
    async fn instance(
        &self,
        cluster: &str,
        machine: &str,
    ) -> Result<Option<ContainerInstanceSeen>, Failure> {
        let query = Query::Ecs(EcsQuery::ContainerInstance {
            cluster: cluster.to_owned(),
            machine: machine.to_owned(),
        });
        Ok(answer!(self.aws, query, Answer::Ecs(EcsAnswer::ContainerInstance(seen)) => seen))
    }
}

#[async_trait]
impl Probe for Instance {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        match query {
            Query::Instance(InstanceQuery::State) => {
                let seen = Box::new(self.state().await?);
                Ok(Answer::Instance(InstanceAnswer::State(seen)))
            }
            // Of a machine that the host is no more only the account knows.
            Query::Ssm(_) | Query::Ecs(_) => self.aws.ask(query).await,
            other => Err(Failure::bug(format!(
                "a container instance was asked {other:?}"
            ))),
        }
    }
}

#[async_trait]
impl World for Instance {
    async fn act(&self, action: &Action, progress: &Progress) -> Result<Outcome, Failure> {
        match action {
            Action::Instance(action) => self.perform(action, progress).await,
            // What its parts are told by themselves.
            Action::Ssm(_) | Action::Ecs(_) => self.aws.act(action, progress).await,
            other => Err(Failure::bug(format!(
                "a container instance was told {other:?}"
            ))),
        }
    }

    fn as_user(&self, _: &str) -> Arc<dyn World> {
        Arc::new(self.clone())
    }
}
