//! A Docker Swarm of hosts that belong together: made on the first manager, joined by the others, each in the part that is
//! declared for it.
//!
//! ```text
//!  owned     whether it is ours
//!  present   what must be done until it is as it is declared
//!  quorum    which managers may go
//!  absent    how all of it is taken away
//! ```

mod absent;
mod owned;
mod present;
mod quorum;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Resource;
use super::nature::{Mark, Nature, Recorded, Within};
use crate::answer;
pub use crate::model::swarm::OWNER;
use crate::model::swarm::{EngineSeen, NodeSeen, SwarmAnswer, SwarmQuery, SwarmSeen};
use crate::model::{Answer, Change, Failure, Probe, Query};

/// The label of a node that says which host it is, by its name in the environment.
pub const HOST: &str = "landfall.host";

/// A Swarm as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swarm {
    /// Whose it is: the value of the label that each of its nodes has.
    pub owner: String,
    /// Its managers, the one that makes it first.
    pub managers: Vec<String>,
    /// Every host of it.
    pub members: BTreeMap<String, Member>,
    /// What the ledger has of its hosts, those that are declared no more among them.
    #[serde(default)]
    pub past: BTreeMap<String, Past>,
    /// Whether it is in the ledger.
    #[serde(default)]
    pub known: bool,
    /// The hosts that were said to be gone for good.
    #[serde(default)]
    pub gone: BTreeSet<String>,
}

/// A host of a Swarm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Whether it runs no tasks.
    #[serde(default)]
    pub drained: bool,
    /// The address by which the others reach it; none where Docker shall find it.
    pub address: Option<String>,
    /// Its labels, for what services say under `placement`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// What was known of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// The labels that it was given.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

impl Swarm {
    /// What holds for every Swarm.
    pub const NATURE: Nature = Nature {
        attributes: &[],
        open: None,
        identity: None,
        anchor: None,
        lies_in: Within::World,
        recorded: Recorded::AS_DECLARED,
        stands: true,
        holds_data: false,
        mark: Mark::Place,
        given_back: false,
    };

    fn is_manager(&self, host: &str) -> bool {
        self.managers.iter().any(|manager| manager == host)
    }

    /// Whether a node is one that we made.
    fn is_ours(&self, node: &NodeSeen) -> bool {
        node.labels.get(OWNER) == Some(&self.owner)
    }

    /// The node of a host: that of its engine, else the one that has its name.
    fn node_of<'a>(&self, seen: &'a SwarmSeen, host: &str) -> Option<&'a NodeSeen> {
        let of_engine = match seen.engines.get(host) {
            Some(EngineSeen::Engine(engine)) if engine.state != "inactive" => {
                seen.nodes.iter().find(|node| node.id == engine.node)
            }
            _ => None,
        };
        of_engine.or_else(|| self.old_nodes(seen, host, "").next())
    }

    /// The nodes that were this host, but for the one of this id.
    fn old_nodes<'a>(
        &self,
        seen: &'a SwarmSeen,
        host: &str,
        id: &str,
    ) -> impl Iterator<Item = &'a NodeSeen> {
        let was = move |node: &&NodeSeen| {
            node.id != id
                && self.is_ours(node)
                && node.labels.get(HOST).map(String::as_str) == Some(host)
        };
        seen.nodes.iter().filter(was)
    }

    fn deciding(&self) -> String {
        format!("deciding over the swarm {}", self.owner)
    }
}

#[async_trait]
impl Resource for Swarm {
    type Observed = SwarmSeen;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let query = Query::Swarm(SwarmQuery::State);
        Ok(answer!(world, query, Answer::Swarm(SwarmAnswer::State(seen)) => *seen))
    }

    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        self.present(seen)
    }

    fn remove(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        self.absent(seen)
    }
}
