//! What the Docker engines of several hosts can be asked about the Swarm that they are in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The label of a Swarm, and of a node, that says whose it is: `PROJECT.ENVIRONMENT.SWARM`.
pub const OWNER: &str = "landfall.swarm";

/// A question to all of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwarmQuery {
    /// What each engine says of itself, and what a manager says of all.
    State,
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwarmAnswer {
    /// To `State`.
    State(Box<SwarmSeen>),
}

/// A Swarm as its engines describe it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwarmSeen {
    /// What each host's engine says of itself.
    pub engines: BTreeMap<String, EngineSeen>,
    /// The nodes that the first manager that answers knows; none where no engine is a manager.
    pub nodes: Vec<NodeSeen>,
}

/// What came of asking an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineSeen {
    /// It answered.
    Engine(Engine),
    /// Its host was not reached, for this reason.
    Silent(String),
    /// Its host was reached, and the engine there does not answer, for this reason.
    Mute(String),
}

impl EngineSeen {
    /// Why it did not answer, as a clause; none where it did.
    pub fn unanswered(&self) -> Option<String> {
        match self {
            Self::Engine(_) => None,
            Self::Silent(why) => Some(format!("it cannot be entered: {why}")),
            Self::Mute(why) => Some(format!("its Docker does not answer: {why}")),
        }
    }
}

/// An engine's own view: `docker info`, its section `Swarm`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// `inactive`, `pending`, `active`, `error` or `locked`.
    pub state: String,
    /// Its node's id; empty where it is in no Swarm.
    pub node: String,
    /// Whether it is a manager that can change the Swarm now.
    pub manager: bool,
    /// The Swarm's id, which managers alone know; else empty.
    pub cluster: String,
    /// Whose label the Swarm itself has, which managers alone know; else empty.
    #[serde(default)]
    pub owner: String,
    /// The ids of the managers that it knows.
    #[serde(default)]
    pub managers: Vec<String>,
    /// The address that it tells the others.
    pub address: String,
    /// What it complains of.
    pub trouble: String,
}

/// A node as a manager sees it: `docker node inspect`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSeen {
    /// Its id.
    pub id: String,
    /// The name of its machine.
    pub hostname: String,
    /// Whether its role is that of a manager.
    pub manager: bool,
    /// Whether a manager is reached by the others.
    pub reachable: bool,
    /// `active`, `pause` or `drain`.
    pub availability: String,
    /// `ready`, `down`, `disconnected` or `unknown`.
    pub state: String,
    /// Its labels in the Swarm.
    pub labels: BTreeMap<String, String>,
}
