//! What can be done with a host as a container instance.

use std::collections::BTreeMap;

use serde::Serialize;

/// Something to do on the host and in its account.
///
/// The code by which a machine is registered is in none of these: whoever performs one takes it from Systems Manager and
/// hands it to the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceAction {
    /// Registers the host in Systems Manager by an activation of its own, which is taken away at once.
    Register {
        /// The name of the role that it acts as.
        role: String,
        /// The region.
        region: String,
        /// What the machine is called.
        name: String,
        /// The tags that it gets.
        tags: BTreeMap<String, String>,
    },
    /// Sets the agent of ECS to this cluster, starts both agents, and waits until ECS knows the instance as connected.
    Join {
        /// The cluster's name.
        cluster: String,
        /// The region.
        region: String,
        /// Whether the agent forgets the instance that it was: in another cluster, or one that ECS does not know.
        anew: bool,
    },
    /// Lets the instance take tasks, or keeps it from it.
    Availability {
        /// The cluster's name.
        cluster: String,
        /// Whether it is to take none.
        drained: bool,
    },
    /// Has it take no tasks any more, waits until its tasks have ended, and takes it out of the cluster.
    Leave {
        /// The cluster's name.
        cluster: String,
    },
    /// Stops both agents, has the host forget who it is, and Systems Manager the host.
    Retire,
}
