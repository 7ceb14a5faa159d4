//! How a Swarm is taken away: every host leaves, the workers first.

use super::Swarm;
use super::present::{engines, text};
use crate::model::swarm::SwarmSeen;
use crate::model::swarm_action::SwarmAction;
use crate::model::{Change, Effect, Failure, Shown};

impl Swarm {
    /// Refuses a Swarm that is none of ours, one that has nodes that are none, and one of which a host does not answer that
    /// is not said to be gone for good.
    pub(super) fn absent(&self, seen: &SwarmSeen) -> Result<Change, Failure> {
        self.is_managed(seen)?;
        if let Some((host, _)) = engines(seen).find(|(_, engine)| {
            engine.state != "inactive" && !seen.nodes.is_empty() && self.is_elsewhere(seen, engine)
        }) {
            return Err(self.foreign(host));
        }
        let ours = |id: &str| engines(seen).any(|(_, engine)| engine.node == id);
        let foreign: Vec<&str> = seen
            .nodes
            .iter()
            .filter(|node| !ours(&node.id) && !self.is_ours(node))
            .map(|node| node.hostname.as_str())
            .collect();
        if !foreign.is_empty() {
            return Err(self.refuse(
                "the swarm has nodes that are none of this environment's",
                format!("Others joined it: {}.", foreign.join(", ")),
                "Let them leave first: `docker swarm leave`",
            ));
        }
        let silent = seen
            .engines
            .iter()
            .filter(|(host, _)| !self.gone.contains(*host))
            .find_map(|(host, engine)| Some((host, engine.unanswered()?)));
        if let Some((host, why)) = silent {
            return Err(self.refuse(
                "a host of the swarm does not answer",
                format!("`{host}` would stay in a swarm that is gone, and {why}"),
                format!(
                    "Let it answer once more, or take it out of the swarm first. Where it is gone for good, say so by \
                     `--gone {}`.",
                    self.gone_with(host)
                ),
            ));
        }
        let mut change = Change::new(Effect::Delete);
        let gone = seen.engines.keys();
        for host in gone.filter(|host| self.gone.contains(*host)) {
            if self
                .node_of(seen, host)
                .is_some_and(|node| node.state == "ready")
            {
                return Err(self.refuse(
                    "a host that was said to be gone is there",
                    format!("The swarm's managers see `{host}`, and it runs tasks of theirs."),
                    "If it was shut down just now, they know that in a moment: run it again then. Otherwise let it be entered.",
                ));
            }
            change = change.note(format!(
                "{host} is not entered. Should it come back, its Docker still takes itself for a node of the swarm: \
                 `docker swarm leave --force`"
            ));
        }
        let active = || engines(seen).filter(|(_, engine)| engine.state != "inactive");
        let workers = active().filter(|(_, engine)| !engine.manager);
        let managers = active().filter(|(_, engine)| engine.manager);
        for (host, engine) in workers.chain(managers) {
            let part = if engine.manager { "manager" } else { "worker" };
            change = change
                .field(format!("{host}.role"), text(part), Shown::Absent)
                .action(SwarmAction::Leave {
                    host: host.to_owned(),
                    force: engine.manager,
                });
        }
        if change.is_none() {
            return Ok(change);
        }
        Ok(change.note(
            "Its services, networks, secrets and configs go with it; volumes stay on the hosts that have them.",
        ))
    }

    /// The hosts that are said to be gone and this one, as the option takes them all.
    fn gone_with(&self, host: &str) -> String {
        let others = self.gone.iter().map(String::as_str);
        others.chain([host]).collect::<Vec<_>>().join(",")
    }
}
