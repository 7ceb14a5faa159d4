//! Which managers may go. A Swarm answers as long as more than half of its managers do (Docker's manual, "Administer and
//! maintain a swarm": Raft).

use super::Swarm;
use crate::model::Failure;
use crate::model::swarm::{EngineSeen, NodeSeen, SwarmSeen};

/// What becomes of the managers that there are.
pub struct Managers {
    /// The hosts that are to be workers.
    pub demoted: Vec<String>,
}

impl Managers {
    /// Refuses to take away more than half of them, and to leave so many that do not answer that the rest is none.
    pub fn of(swarm: &Swarm, seen: &SwarmSeen) -> Result<Self, Failure> {
        let there: Vec<&NodeSeen> = seen.nodes.iter().filter(|node| node.manager).collect();
        // What was rebuilt or has left is none that is taken away: it is gone.
        let host = |node: &NodeSeen| {
            let mut members = seen.engines.iter();
            members
                .find(|(_, engine)| matches!(engine, EngineSeen::Engine(engine) if engine.node == node.id))
                .map(|(host, _)| host.clone())
                .or_else(|| {
                    let labelled = node.labels.get(super::HOST);
                    labelled.filter(|_| swarm.is_ours(node)).cloned()
                })
        };
        let mut going = Vec::new();
        let mut demoted = Vec::new();
        for node in &there {
            let Some(host) = host(node) else { continue };
            if swarm.is_manager(&host) {
                continue;
            }
            if swarm.members.contains_key(&host) {
                demoted.push(host.clone());
            }
            going.push(node.id.as_str());
        }
        let stay = there.len() - going.len();
        if going.len() * 2 > there.len() {
            return Err(swarm.refuse(
                "this takes away a majority of the managers",
                format!(
                    "Of {} managers {} are to go: the others could not decide anything any more.",
                    there.len(),
                    going.len()
                ),
                "Take two steps: add the new managers to `managers` and apply, then take the old ones out.",
            ));
        }
        let answer = there
            .iter()
            .filter(|node| node.reachable && !going.contains(&node.id.as_str()))
            .count();
        if !going.is_empty() && answer * 2 <= stay {
            return Err(swarm.refuse(
                "too few managers would be left that answer",
                format!("Of the {stay} managers that stay only {answer} answer."),
                "Bring back those that are down, or take out those first, and apply again.",
            ));
        }
        Ok(Self { demoted })
    }
}
