//! Where things are asked about and changed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a question is asked or an action performed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The environment's AWS account and region.
    Aws,
    /// The operator's own machine.
    Local,
    /// A host, by its name in the environment.
    Host(String),
    /// The engines of several hosts that are one, by the name that the environment gives them.
    Swarm(String),
    /// A host together with the AWS account, by the name that the environment gives the container instance.
    Instance(String),
    /// The environment's registry of deploy targets.
    Registry,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Aws => f.write_str("aws"),
            Place::Local => f.write_str("this machine"),
            Place::Host(name) => f.write_str(name),
            Place::Swarm(name) => write!(f, "the swarm {name}"),
            Place::Instance(name) => write!(f, "the container instance {name}"),
            Place::Registry => f.write_str("the registry"),
        }
    }
}
