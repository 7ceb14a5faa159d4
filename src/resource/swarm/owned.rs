//! Whether a Swarm is ours. What the ledger says of it does not count: a host may have left our Swarm since, and be in
//! somebody else's.

use std::collections::BTreeMap;

use super::present::engines;
use super::{OWNER, Swarm};
use crate::model::Failure;
use crate::model::swarm::{Engine, NodeSeen, SwarmSeen};

impl Swarm {
    /// Refuses hosts that manage more than one Swarm, one that is another's, and one that nobody says is ours. Gives
    /// whether any host manages one.
    pub(super) fn is_managed(&self, seen: &SwarmSeen) -> Result<bool, Failure> {
        let mut clusters: BTreeMap<&str, Vec<(&str, &Engine)>> = BTreeMap::new();
        for (host, engine) in engines(seen) {
            if !engine.cluster.is_empty() {
                let of_it = clusters.entry(&engine.cluster).or_default();
                of_it.push((host, engine));
            }
        }
        if clusters.len() > 1 {
            let each: Vec<String> = clusters
                .values()
                .map(|of_it| {
                    let hosts: Vec<&str> = of_it.iter().map(|(host, _)| *host).collect();
                    hosts.join(" and ")
                })
                .collect();
            return Err(self.refuse(
                "the hosts are in more than one swarm",
                format!("Each of these manages one of its own: {}.", each.join("; ")),
                "Let those that are to join leave theirs: `docker swarm leave --force`",
            ));
        }
        let Some(&(host, engine)) = clusters.values().flatten().next() else {
            return Ok(false);
        };
        let of_itself = Some(&engine.owner).filter(|owner| !owner.is_empty());
        let mut of_nodes = seen.nodes.iter().filter_map(|node| node.labels.get(OWNER));
        let is_ours = |owner: &&String| **owner == self.owner;
        match (of_itself, of_nodes.clone().next()) {
            (Some(owner), _) if is_ours(&owner) => Ok(true),
            (Some(owner), _) => Err(self.others(host, owner)),
            // It was made by hand or before it was labelled itself.
            (None, Some(_)) if of_nodes.any(|owner| is_ours(&owner)) => Ok(true),
            (None, Some(owner)) => Err(self.others(host, owner)),
            (None, None) => Err(self.foreign(host)),
        }
    }

    /// Refuses to take a node over that somebody else labelled.
    pub(super) fn is_not_others(&self, host: &str, node: &NodeSeen) -> Result<(), Failure> {
        match node.labels.get(OWNER) {
            Some(owner) if *owner != self.owner => Err(self.others(host, owner)),
            _ => Ok(()),
        }
    }

    fn others(&self, host: &str, owner: &str) -> Failure {
        self.refuse(
            "the swarm is another environment's",
            format!("What `{host}` is in is labelled as {owner}."),
            "Take the host out of one of the two declarations. If nobody needs that swarm: `docker swarm leave --force`",
        )
    }

    /// Whether a worker's engine, whose node our managers do not have, is in a Swarm of managers that are none of ours. One
    /// of ours that was taken out goes on knowing them.
    pub(super) fn is_elsewhere(&self, seen: &SwarmSeen, engine: &Engine) -> bool {
        let is_ours = |id: &String| seen.nodes.iter().any(|node| node.id == *id);
        !engine.managers.is_empty() && !engine.managers.iter().any(is_ours)
    }

    pub(super) fn foreign(&self, host: &str) -> Failure {
        self.refuse(
            "the host is in a swarm that is none of this environment's",
            format!(
                "The engine of `{host}` is in a swarm, and no node there says that we made it."
            ),
            format!(
                "Let it leave, if nobody needs that swarm: `docker swarm leave --force`. If it is this environment's and its \
                 labels were taken away: `docker node update --label-add {OWNER}={} NODE`",
                self.owner
            ),
        )
    }
}
