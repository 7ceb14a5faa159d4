//! What is done with a Swarm, a step at a time. Each looks first: what a cut run did is not done again.

use std::ops::ControlFlow;
use std::time::Duration;

use super::{Swarm, answers, is_mute, request};
use crate::backoff::until;
use crate::model::host::Command;
use crate::model::swarm::{Engine, NodeSeen};
use crate::model::swarm_action::{SwarmAction, SwarmNode};
use crate::model::{Failure, Outcome, Progress, Secret};

/// For how long a node may take to change its part, or to end its tasks: a task has ten seconds to end by itself unless its
/// service says otherwise, and Docker moves them one after the other.
const PATIENCE: Duration = Duration::from_secs(180);

/// The pause between two looks.
const LOOK: Duration = Duration::from_millis(500);

impl Swarm {
    pub(super) async fn perform(
        &self,
        action: &SwarmAction,
        progress: &Progress,
    ) -> Result<Outcome, Failure> {
        match action {
            SwarmAction::Init {
                host,
                address,
                label,
            } => {
                if self.engine(host).await?.state == "inactive" {
                    progress.say(format!("making a swarm on {host}"));
                    let command = request::init(address.as_deref(), label);
                    self.run(host, command, progress).await?;
                }
            }
            SwarmAction::Join {
                host,
                address,
                manager,
            } => {
                if self.engine(host).await?.state == "inactive" {
                    progress.say(format!("{host} joins"));
                    self.join(host, address.as_deref(), *manager, progress)
                        .await?;
                }
                self.joined(host).await?;
            }
            SwarmAction::Role { node, manager } => self.role(node, *manager, progress).await?,
            SwarmAction::Availability { node, drained } => {
                let (via, id) = self.found(node).await?;
                let availability = if *drained { "drain" } else { "active" };
                let words = ["--availability", availability, &id];
                self.update(&via, &words, progress).await?;
            }
            SwarmAction::Labels { node, set, remove } => {
                let (via, id) = self.found(node).await?;
                let set = set.iter().map(|(name, value)| format!("{name}={value}"));
                let mut words: Vec<String> = Vec::new();
                words.extend(set.flat_map(|label| ["--label-add".to_owned(), label]));
                let known = self.node(&via, &id).await?.labels;
                let gone = remove.iter().filter(|name| known.contains_key(*name));
                words.extend(gone.flat_map(|name| ["--label-rm".to_owned(), name.clone()]));
                words.push(id);
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                self.update(&via, &words, progress).await?;
            }
            SwarmAction::Drain { node } => self.drain(node, progress).await?,
            SwarmAction::Leave { host, force } => {
                if self.engine(host).await?.state != "inactive" {
                    progress.say(format!("{host} leaves"));
                    let mut words = vec!["docker", "swarm", "leave"];
                    words.extend(force.then_some("--force"));
                    self.run(host, Command::new(words), progress).await?;
                }
            }
            SwarmAction::Forget { id } => {
                let (via, _) = self.manager(Some(id)).await?;
                if self.nodes(&via).await?.iter().any(|node| node.id == *id) {
                    // It has left, or is no more: what it ran was moved before.
                    let words = ["docker", "node", "rm", "--force", id];
                    self.run(&via, Command::new(words), progress).await?;
                }
            }
        }
        Ok(Outcome::Done)
    }

    /// Hands the token from a manager to the engine that joins.
    async fn join(
        &self,
        host: &str,
        address: Option<&str>,
        manager: bool,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let (via, engine) = self.manager(None).await?;
        let part = if manager { "manager" } else { "worker" };
        let words = ["docker", "swarm", "join-token", "--quiet", part];
        let token = Secret::new(self.printed(&via, &words).await?.trim().to_owned());
        let command = request::join(address, &engine.address, &token);
        self.run(host, command, progress).await.map_err(|failure| {
            failure
                .left_behind("The host is in no swarm; what joined before it stays.")
                .help(format!(
                    "Must the host reach {} at port 2377 (TCP), and each the others at 7946 (TCP, UDP) and 4789 (UDP)? \
                     `addresses` of the swarm says by which address.",
                    engine.address
                ))
        })
    }

    /// Waits until an engine that joined is active. The engine goes on joining after its first answer.
    async fn joined(&self, host: &str) -> Result<(), Failure> {
        let waited = until::<_, _, Failure, _>(PATIENCE, LOOK, || async move {
            let engine = self.engine(host).await?;
            Ok(match engine.state.as_str() {
                "active" => ControlFlow::Break(None),
                "pending" => ControlFlow::Continue(engine),
                _ => ControlFlow::Break(Some(engine)),
            })
        });
        match waited.await? {
            Ok(None) => Ok(()),
            Ok(Some(engine)) | Err(engine) => Err(Failure::new(
                "a host does not get into the swarm",
                format!("waiting for the engine of `{host}`"),
            )
            .why(format!("It is {}. {}", engine.state, engine.trouble))
            .help("Run it again; `docker info` and `journalctl -u docker` there say more.")),
        }
    }

    /// Changes a node's part, and waits until it has it: a manager that is still one may not leave.
    async fn role(
        &self,
        node: &SwarmNode,
        manager: bool,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let (via, id) = self.found(node).await?;
        let role = if manager { "manager" } else { "worker" };
        self.update(&via, &["--role", role, &id], progress).await?;
        let (via, id) = (&via, &id);
        let waited = until::<_, _, Failure, _>(PATIENCE, LOOK, || async move {
            let seen = self.node(via, id).await?;
            let own = match node {
                SwarmNode::Of(host) => self.engine(host).await?.manager,
                SwarmNode::Id(_) => manager,
            };
            let is_so = seen.manager == manager && seen.reachable == manager && own == manager;
            Ok(match is_so {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(seen),
            })
        });
        waited.await?.map_err(|seen| {
            Failure::new(
                "a node does not change its part",
                format!("waiting until the node {} is a {role}", seen.hostname),
            )
            .why(format!(
                "After {} s it is not; it is {}.",
                PATIENCE.as_secs(),
                seen.state
            ))
            .help("Run it again; `docker node inspect` on a manager says more.")
        })
    }

    /// Has a node run nothing, and waits until what it ran has ended. One that is down runs nothing that anybody could end.
    async fn drain(&self, node: &SwarmNode, progress: &Progress) -> Result<(), Failure> {
        let (via, id) = self.found(node).await?;
        let seen = self.node(&via, &id).await?;
        progress.say(format!("{} ends its tasks", seen.hostname));
        let words = ["--availability", "drain", &id];
        self.update(&via, &words, progress).await?;
        if seen.state != "ready" {
            return Ok(());
        }
        let words = [
            "docker",
            "node",
            "ps",
            "--filter",
            "desired-state=running",
            "--format",
            "{{.Name}}",
            &id,
        ];
        let (via, words) = (&via, &words);
        let waited = until::<_, _, Failure, _>(PATIENCE, LOOK, || async move {
            let running = self.printed(via, words).await?;
            let running: Vec<&str> = running.lines().collect();
            Ok(match running.is_empty() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(running.join(", ")),
            })
        });
        waited.await?.map_err(|running| {
            Failure::new(
                "a node does not end its tasks",
                format!("draining the node {}", seen.hostname),
            )
            .why(format!(
                "After {} s it still runs {running}.",
                PATIENCE.as_secs()
            ))
            .left_behind("It gets no new tasks, and is still in the swarm.")
            .help("Run it again once they have ended.")
        })
    }

    /// A manager to go through, and the node's id.
    async fn found(&self, node: &SwarmNode) -> Result<(String, String), Failure> {
        let id = match node {
            SwarmNode::Of(host) => self.engine(host).await?.node,
            SwarmNode::Id(id) => id.clone(),
        };
        let (via, _) = self.manager(Some(&id)).await?;
        Ok((via, id))
    }

    /// A host whose engine can change the Swarm now; rather not the one of this id, which may cease to be one. An engine
    /// that does not answer leaves it to the next.
    async fn manager(&self, but: Option<&str>) -> Result<(String, Engine), Failure> {
        let mut itself = None;
        let mut whys =
            vec!["None of its hosts says that it is a manager that can be used.".to_owned()];
        for (name, _) in self.hosts.iter().filter(|(_, host)| host.is_ok()) {
            let engine = match self.engine(name).await {
                Ok(engine) => engine,
                Err(failure) if is_mute(&failure) => {
                    whys.push(format!("{name}: {}", failure.why));
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            if !engine.manager || !engine.trouble.is_empty() {
                continue;
            }
            if but != Some(engine.node.as_str()) {
                return Ok((name.clone(), engine));
            }
            itself = Some((name.clone(), engine));
        }
        itself.ok_or_else(|| {
            Failure::new(
                "no manager of the swarm answers",
                "looking for a host that can change the swarm",
            )
            .why(whys.join("\n"))
            .help("`docker node ls` on a manager says what there is; run again once one is back.")
        })
    }

    async fn node(&self, via: &str, id: &str) -> Result<NodeSeen, Failure> {
        let words = ["docker", "node", "inspect", id];
        let mut nodes = answers::nodes(&self.printed(via, &words).await?)?;
        nodes
            .pop()
            .ok_or_else(|| Failure::bug(format!("docker knows and does not know the node {id}")))
    }

    async fn update(&self, via: &str, words: &[&str], progress: &Progress) -> Result<(), Failure> {
        let words = ["docker", "node", "update"].iter().chain(words).copied();
        self.run(via, Command::new(words), progress).await
    }
}
