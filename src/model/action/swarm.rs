//! What can be done with a Swarm of several hosts.

use std::collections::BTreeMap;

use serde::Serialize;

/// Something to do with a Swarm. A manager among its hosts is found when it is done: which one is, may have changed.
///
/// The tokens by which hosts join are in none of these: whoever performs one takes the token from a manager and hands it
/// to the engine that joins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SwarmAction {
    /// Makes a Swarm of one host, its first manager.
    Init {
        /// The host.
        host: String,
        /// The address by which the others reach it; none where Docker shall find it.
        address: Option<String>,
        /// The label that says whose it is, which it has from its first moment on.
        label: (String, String),
    },
    /// Has a host join the Swarm that another of the hosts manages.
    Join {
        /// The host.
        host: String,
        /// The address by which the others reach it; none where they see it.
        address: Option<String>,
        /// Whether as a manager.
        manager: bool,
    },
    /// Makes a node a manager or a worker, and waits until it is.
    Role {
        /// Which one.
        node: SwarmNode,
        /// Whether a manager.
        manager: bool,
    },
    /// Lets a node run tasks, or keeps it from it.
    Availability {
        /// Which one.
        node: SwarmNode,
        /// Whether it is to run none.
        drained: bool,
    },
    /// Sets and takes labels of a node.
    Labels {
        /// Which one.
        node: SwarmNode,
        /// Those to set.
        set: BTreeMap<String, String>,
        /// Those to take away.
        remove: Vec<String>,
    },
    /// Has a node run nothing any more, and waits until its tasks have ended.
    Drain {
        /// Which one.
        node: SwarmNode,
    },
    /// Has a host's engine leave.
    Leave {
        /// The host.
        host: String,
        /// Whether as a manager, or one that nobody knows: without looking after the rest.
        force: bool,
    },
    /// Has the managers forget a node whose engine has left or is no more.
    Forget {
        /// Its id.
        id: String,
    },
}

/// A node of a Swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SwarmNode {
    /// That of a host, whatever its id is by then.
    Of(String),
    /// The one of this id.
    Id(String),
}
