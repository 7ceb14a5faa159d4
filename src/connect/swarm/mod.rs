//! The Docker engines of several hosts as one place: a Swarm, asked and changed through whichever of them manages it.
//!
//! ```text
//!  answers   what docker prints of a Swarm, read
//!  request   what is said to an engine that must not stand in an argument vector
//!  act       what is done, each step such that doing it twice ends where doing it once ends
//! ```

mod act;
mod answers;
mod request;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;

use super::command;
use crate::model::host::{Command, Ran};
use crate::model::swarm::{Engine, EngineSeen, NodeSeen, SwarmAnswer, SwarmQuery, SwarmSeen};
use crate::model::{
    Action, Answer, Class, Failure, Outcome, Printed, Probe, Progress, Query, World,
};

/// The engines of these hosts.
pub struct Swarm {
    /// Each host as root, or why it was not reached.
    hosts: BTreeMap<String, Result<Arc<dyn World>, String>>,
}

impl Swarm {
    /// These hosts, each as root; of one that was not reached there is the reason.
    pub fn of(hosts: BTreeMap<String, Result<Arc<dyn World>, String>>) -> Self {
        Self { hosts }
    }

    /// What every engine says, and what the first manager that answers says of all.
    async fn state(&self) -> Result<SwarmSeen, Failure> {
        let asked = self.hosts.iter().map(|(name, host)| async move {
            let seen = match host {
                Ok(_) => match self.engine(name).await {
                    Ok(engine) => EngineSeen::Engine(engine),
                    Err(failure) if is_mute(&failure) => EngineSeen::Mute(failure.why.clone()),
                    Err(failure) => return Err(failure),
                },
                Err(why) => EngineSeen::Silent(why.clone()),
            };
            Ok::<_, Failure>((name.clone(), seen))
        });
        let engines: Result<BTreeMap<String, EngineSeen>, Failure> =
            join_all(asked).await.into_iter().collect();
        let mut engines = engines?;
        let managers: Vec<String> = engines
            .iter()
            .filter(|(_, seen)| match seen {
                EngineSeen::Engine(engine) => engine.manager && engine.trouble.is_empty(),
                EngineSeen::Silent(_) | EngineSeen::Mute(_) => false,
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in managers {
            match self.nodes(&name).await {
                Ok(nodes) => return Ok(SwarmSeen { engines, nodes }),
                // It fell silent in between.
                Err(failure) if is_mute(&failure) => {
                    engines.insert(name, EngineSeen::Mute(failure.why.clone()));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(SwarmSeen {
            engines,
            nodes: Vec::new(),
        })
    }

    /// What an engine says of itself. Fails when it says nothing.
    async fn engine(&self, host: &str) -> Result<Engine, Failure> {
        let words = ["docker", "info", "--format", "{{json .Swarm}}"];
        let ran = self.done(host, &words).await?;
        let engine = answers::engine(&ran.out())?;
        match engine.state.is_empty() {
            false => Ok(engine),
            // Where its daemon does not answer, docker prints the form with nothing in it, and ends well.
            true => {
                let printed = Printed {
                    stdout: String::new(),
                    ..ran.printed()
                };
                let silent = || "Its daemon says nothing.".to_owned();
                Err(Failure::new(NOT_DONE, asking(host))
                    .quoting(printed.end().unwrap_or_else(silent))
                    .help(IS_IT_THERE))
            }
        }
    }

    /// The nodes that a manager knows.
    async fn nodes(&self, manager: &str) -> Result<Vec<NodeSeen>, Failure> {
        let words = ["docker", "node", "ls", "--format", "{{.ID}}"];
        let ids = self.printed(manager, &words).await?;
        let mut words = vec!["docker", "node", "inspect"];
        words.extend(ids.lines().map(str::trim).filter(|id| !id.is_empty()));
        answers::nodes(&self.printed(manager, &words).await?)
    }

    fn host(&self, name: &str) -> Result<&Arc<dyn World>, Failure> {
        let missing = || Failure::bug(format!("the swarm has no host `{name}`"));
        self.hosts
            .get(name)
            .ok_or_else(missing)?
            .as_ref()
            .map_err(|why| {
                Failure::new("a host of the swarm does not answer", asking(name)).why(why)
            })
    }

    /// What a command that changes nothing prints. Fails when it does.
    async fn printed(&self, host: &str, words: &[&str]) -> Result<String, Failure> {
        Ok(self.done(host, words).await?.out())
    }

    async fn done(&self, host: &str, words: &[&str]) -> Result<Ran, Failure> {
        let command = Command::new(words.iter().copied());
        let ran = command::asked(self.host(host)?.as_ref(), command).await?;
        match ran.ok() {
            true => Ok(ran),
            false => Err(refused(host, &ran).help(IS_IT_THERE)),
        }
    }

    /// Runs a command as a step. Fails when it does.
    async fn run(&self, host: &str, command: Command, progress: &Progress) -> Result<(), Failure> {
        let ran = command::done(self.host(host)?.as_ref(), command, progress).await?;
        match ran.ok() {
            true => Ok(()),
            false => Err(refused(host, &ran)),
        }
    }
}

/// Whether a failure is one engine's or one host's, so that the others can still be asked.
fn is_mute(failure: &Failure) -> bool {
    match failure.class {
        Class::Unreachable => true,
        Class::Error => failure.summary == NOT_DONE,
        _ => false,
    }
}

const IS_IT_THERE: &str =
    "Is Docker installed and running there? A host's playbook does that, for example docker-host.";

/// What docker's own refusal is called.
const NOT_DONE: &str = "docker could not do it";

fn asking(host: &str) -> String {
    format!("speaking to the Docker engine of `{host}`")
}

fn refused(host: &str, ran: &Ran) -> Failure {
    Failure::new(NOT_DONE, asking(host)).quoting(ran.printed().why())
}

#[async_trait]
impl Probe for Swarm {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        match query {
            Query::Swarm(SwarmQuery::State) => {
                let seen = Box::new(self.state().await?);
                Ok(Answer::Swarm(SwarmAnswer::State(seen)))
            }
            other => Err(Failure::bug(format!("a swarm was asked {other:?}"))),
        }
    }
}

#[async_trait]
impl World for Swarm {
    async fn act(&self, action: &Action, progress: &Progress) -> Result<Outcome, Failure> {
        match action {
            Action::Swarm(action) => self.perform(action, progress).await,
            other => Err(Failure::bug(format!("a swarm was told {other:?}"))),
        }
    }

    fn as_user(&self, _: &str) -> Arc<dyn World> {
        Arc::new(Self {
            hosts: self.hosts.clone(),
        })
    }
}
