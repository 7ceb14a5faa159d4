//! What must be done until a Swarm is as it is declared.

use std::collections::{BTreeMap, BTreeSet};

use super::{HOST, Member, OWNER, Swarm, quorum::Managers};
use crate::model::swarm::{Engine, EngineSeen, NodeSeen, SwarmSeen};
use crate::model::swarm_action::{SwarmAction, SwarmNode};
use crate::model::{Change, Class, Effect, Failure, Shown, Value};

impl Swarm {
    /// The change, in an order in which more managers come before fewer.
    pub(super) fn present(&self, seen: &SwarmSeen) -> Result<Change, Failure> {
        let stands = self.stands(seen)?;
        let mut change = Change::new(if stands {
            Effect::Update
        } else {
            Effect::Create
        });
        if !stands && self.known {
            change = change.note(
                "None of its hosts is in a swarm any more: it is made anew, and what ran on it must be deployed again.",
            );
        }
        let managers = Managers::of(self, seen)?;
        change = self.rebuilt(seen, change);
        // The managers in their order: the first makes it.
        let workers = self.members.keys().filter(|host| !self.is_manager(host));
        for (position, host) in self.managers.iter().chain(workers).enumerate() {
            let Some(member) = self.members.get(host) else {
                continue;
            };
            let makes = !stands && position == 0;
            change = self.joined(seen, change, host, member, makes)?;
        }
        for (host, member) in &self.members {
            change = self.part(seen, change, host, member);
        }
        for host in managers.demoted {
            change = change
                .field(format!("{host}.role"), text("manager"), text("worker"))
                .action(SwarmAction::Role {
                    node: SwarmNode::Of(host),
                    manager: false,
                });
        }
        self.gone(seen, change)
    }

    /// Whether there is a Swarm already. Refuses one that is none of ours, and one that nobody can change.
    fn stands(&self, seen: &SwarmSeen) -> Result<bool, Failure> {
        let mut clusters: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (host, engine) in engines(seen) {
            if !engine.cluster.is_empty() {
                clusters.entry(&engine.cluster).or_default().push(host);
            }
            if engine.state == "locked" {
                return Err(self.refuse(
                    "the swarm is locked",
                    format!("The engine of `{host}` waits for the key that unlocks the swarm."),
                    "Unlock it there: docker swarm unlock",
                ));
            }
            if !engine.trouble.is_empty() {
                return Err(self.refuse(
                    "the swarm cannot be changed",
                    format!("The engine of `{host}` says: {}", engine.trouble),
                    "Bring back the managers that are down. Where they are lost for good, make the swarm anew on one that \
                     is left: docker swarm init --force-new-cluster",
                ));
            }
        }
        if clusters.len() > 1 {
            let each = clusters
                .values()
                .map(|hosts| hosts.join(" and "))
                .collect::<Vec<_>>();
            return Err(self.refuse(
                "the hosts are in more than one swarm",
                format!("Each of these manages one of its own: {}.", each.join("; ")),
                "Let those that are to join leave theirs: docker swarm leave --force",
            ));
        }
        let declared = engines(seen).filter(|(host, _)| self.members.contains_key(*host));
        let mut active = declared.filter(|(_, engine)| engine.state != "inactive");
        if clusters.is_empty() {
            return match active.next() {
                None => Ok(false),
                Some((host, _)) if self.known => Err(self.refuse(
                    "the swarm has no manager any more",
                    format!("The engine of `{host}` is in it, and none of its managers is."),
                    "What it ran is lost. Let each host that is left leave, and apply again: docker swarm leave --force",
                )),
                Some((host, _)) => Err(self.foreign(host)),
            };
        }
        if !self.known && !seen.nodes.iter().any(|node| self.is_ours(node)) {
            let host = active.next().map_or("", |(host, _)| host);
            return Err(self.foreign(host));
        }
        Ok(true)
    }

    /// Takes the nodes away that were hosts of ours and are no more, because the host was made anew or left by itself.
    fn rebuilt(&self, seen: &SwarmSeen, mut change: Change) -> Change {
        for host in self.members.keys() {
            let now = match seen.engines.get(host) {
                Some(EngineSeen::Engine(engine)) if engine.state != "inactive" => &engine.node,
                _ => "",
            };
            for old in self.old_nodes(seen, host, now) {
                change = forgotten(change, host, old);
            }
        }
        change
    }

    /// Brings a host in that is not.
    fn joined(
        &self,
        seen: &SwarmSeen,
        change: Change,
        host: &str,
        member: &Member,
        makes: bool,
    ) -> Result<Change, Failure> {
        let Some(EngineSeen::Engine(engine)) = seen.engines.get(host) else {
            return Err(Failure::bug(format!("`{host}` was not asked")));
        };
        let (host, address) = (host.to_owned(), member.address.clone());
        let manager = self.is_manager(&host);
        if engine.state != "inactive" && seen.nodes.iter().any(|node| node.id == engine.node) {
            return Ok(match &address {
                Some(wanted) if is_another(wanted, &engine.address) => change.note(format!(
                    "{host} tells the others {}, and {wanted} is declared: Docker takes another address only when the \
                     host leaves and joins again.",
                    engine.address
                )),
                _ => change,
            });
        }
        let mut change = change;
        if engine.state != "inactive" {
            if !self.past.contains_key(&host) || engine.manager {
                return Err(self.foreign(&host));
            }
            // Its node was taken out, and its engine does not know.
            change = change.action(SwarmAction::Leave {
                host: host.clone(),
                force: true,
            });
        }
        let part = if manager { "manager" } else { "worker" };
        change = change.field(format!("{host}.role"), Shown::Absent, text(part));
        Ok(if makes {
            change.action(SwarmAction::Init { host, address })
        } else {
            change.action(SwarmAction::Join {
                host,
                address,
                manager,
            })
        })
    }

    /// Gives a host its part, whether it runs tasks, and its labels.
    fn part(&self, seen: &SwarmSeen, mut change: Change, host: &str, member: &Member) -> Change {
        let node = || SwarmNode::Of(host.to_owned());
        let now = match seen.engines.get(host) {
            Some(EngineSeen::Engine(engine)) if engine.state != "inactive" => {
                seen.nodes.iter().find(|node| node.id == engine.node)
            }
            _ => None,
        };
        if let Some(now) = now
            && self.is_manager(host)
            && !now.manager
        {
            change = change
                .field(format!("{host}.role"), text("worker"), text("manager"))
                .action(SwarmAction::Role {
                    node: node(),
                    manager: true,
                });
        }
        let wanted = if member.drained { "drain" } else { "active" };
        let availability = now.map_or("active", |now| now.availability.as_str());
        if availability != wanted {
            change = change
                .field(
                    format!("{host}.availability"),
                    now.map_or(Shown::Absent, |_| text(availability)),
                    text(wanted),
                )
                .action(SwarmAction::Availability {
                    node: node(),
                    drained: member.drained,
                });
        }
        let mut labels = member.labels.clone();
        labels.insert(OWNER.to_owned(), self.owner.clone());
        labels.insert(HOST.to_owned(), host.to_owned());
        let none = BTreeMap::new();
        let there = now.map_or(&none, |now| &now.labels);
        let past = self.past.get(host).map_or(&none, |past| &past.labels);
        let gone = |name: &&String| !labels.contains_key(*name) && there.contains_key(*name);
        let remove: Vec<String> = past.keys().filter(gone).cloned().collect();
        let set: BTreeMap<String, String> = labels
            .into_iter()
            .filter(|(name, value)| there.get(name) != Some(value))
            .collect();
        if set.is_empty() && remove.is_empty() {
            return change;
        }
        let old = |name: &String| there.get(name).map_or(Shown::Absent, |value| text(value));
        for (name, value) in &set {
            change = change.field(format!("{host}.labels.{name}"), old(name), text(value));
        }
        for name in &remove {
            change = change.field(format!("{host}.labels.{name}"), old(name), Shown::Absent);
        }
        change.action(SwarmAction::Labels {
            node: node(),
            set,
            remove,
        })
    }

    /// Has the hosts leave that are declared no more: drained first, then out, then forgotten.
    fn gone(&self, seen: &SwarmSeen, mut change: Change) -> Result<Change, Failure> {
        let labelled = seen
            .nodes
            .iter()
            .filter(|node| self.is_ours(node))
            .filter_map(|node| node.labels.get(HOST));
        let gone: BTreeSet<&String> = self
            .past
            .keys()
            .chain(labelled)
            .filter(|host| !self.members.contains_key(*host))
            .collect();
        for host in gone {
            let Some(node) = self.node_of(seen, host) else {
                continue;
            };
            if let Some(EngineSeen::Silent(why)) = seen.engines.get(host)
                && node.state == "ready"
            {
                return Err(self.refuse(
                    "a host that is to leave the swarm does not answer",
                    format!("`{host}` cannot be entered, and runs tasks in the swarm: {why}"),
                    "Let it be entered once more, or stop its Docker: a node that is down is taken out without it.",
                ));
            }
            let out = match seen.engines.get(host) {
                Some(EngineSeen::Engine(engine)) => engine.node == node.id,
                _ => false,
            };
            let id = || SwarmNode::Id(node.id.clone());
            if node.manager {
                change = change.action(SwarmAction::Role {
                    node: if out {
                        SwarmNode::Of(host.clone())
                    } else {
                        id()
                    },
                    manager: false,
                });
            }
            let part = if node.manager { "manager" } else { "worker" };
            change = change
                .field(format!("{host}.role"), text(part), Shown::Absent)
                .action(SwarmAction::Drain { node: id() });
            if out {
                change = change.action(SwarmAction::Leave {
                    host: host.clone(),
                    force: false,
                });
            }
            change = change.action(SwarmAction::Forget {
                id: node.id.clone(),
            });
        }
        Ok(change)
    }

    fn foreign(&self, host: &str) -> Failure {
        self.refuse(
            "the host is in a swarm that is none of this environment's",
            format!(
                "The engine of `{host}` is in a swarm, and no node there says that we made it."
            ),
            "Let it leave, if nobody needs that swarm: docker swarm leave --force",
        )
    }

    pub(super) fn refuse(&self, summary: &'static str, why: String, help: &'static str) -> Failure {
        Failure::new(summary, self.deciding())
            .class(Class::Refused)
            .why(why)
            .left_behind("Nothing was changed.")
            .help(help)
    }
}

/// Takes a node out whose engine is in the Swarm no more.
fn forgotten(mut change: Change, host: &str, old: &NodeSeen) -> Change {
    if old.manager {
        change = change.action(SwarmAction::Role {
            node: SwarmNode::Id(old.id.clone()),
            manager: false,
        });
    }
    change
        .field(format!("{host}.node"), text(&old.id), Shown::Absent)
        .action(SwarmAction::Forget { id: old.id.clone() })
}

/// The engines that answered.
pub(super) fn engines(seen: &SwarmSeen) -> impl Iterator<Item = (&str, &Engine)> {
    seen.engines
        .iter()
        .filter_map(|(host, engine)| match engine {
            EngineSeen::Engine(engine) => Some((host.as_str(), engine)),
            EngineSeen::Silent(_) => None,
        })
}

/// Whether an address that is declared as one is another than the one that is told. An interface's name is not compared.
fn is_another(declared: &str, told: &str) -> bool {
    declared.parse::<std::net::IpAddr>().is_ok() && declared != told
}

pub(super) fn text(text: &str) -> Shown {
    Shown::Value(Value::from(text))
}
