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
            change = self.part(seen, change, host, member)?;
        }
        for host in managers.demoted {
            if let Some(unanswered) = self.mute(seen, &host) {
                return Err(self.unanswered(&host, unanswered, "is to become a worker"));
            }
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
        for (host, engine) in engines(seen) {
            if engine.state == "locked" {
                return Err(self.refuse(
                    "the swarm is locked",
                    format!("The engine of `{host}` waits for the key that unlocks the swarm."),
                    "Unlock it there: `docker swarm unlock`",
                ));
            }
            if !engine.trouble.is_empty() {
                return Err(self.refuse(
                    "the swarm cannot be changed",
                    format!("The engine of `{host}` says: {}", engine.trouble),
                    "Bring back the managers that are down. Where they are lost for good, make the swarm anew on one that \
                     is left: `docker swarm init --force-new-cluster`",
                ));
            }
        }
        if self.is_managed(seen)? {
            return Ok(true);
        }
        // Nobody knows whether one that does not answer manages it: a second one must not be made beside it. A host that is
        // to leave and cannot even be entered may be gone for good.
        let unanswered = seen.engines.iter().find_map(|(host, engine)| {
            let why = engine.unanswered()?;
            let may_be_gone =
                matches!(engine, EngineSeen::Silent(_)) && !self.members.contains_key(host);
            (!may_be_gone).then_some((host, why))
        });
        if let Some((host, why)) = unanswered {
            return Err(self.refuse(
                "no manager of the swarm answers",
                format!(
                    "`{host}` is one of its hosts, and {why}\nNone of the hosts that answer manages the swarm, so that nobody can tell whether it \
                     stands."
                ),
                "Bring Docker back there (`systemctl status docker`), and apply again.",
            ));
        }
        let mut declared = engines(seen).filter(|(host, _)| self.members.contains_key(*host));
        match declared.find(|(_, engine)| engine.state != "inactive") {
            None => Ok(false),
            Some((host, _)) if self.known => Err(self.refuse(
                "the swarm has no manager any more",
                format!("The engine of `{host}` is in it, and none of its managers is."),
                "What it ran is lost. Let each host that is left leave, and apply again: `docker swarm leave --force`",
            )),
            Some((host, _)) => Err(self.foreign(host)),
        }
    }

    /// Takes the nodes away that were hosts of ours and are no more, because the host was made anew or left by itself.
    fn rebuilt(&self, seen: &SwarmSeen, mut change: Change) -> Change {
        for host in self.members.keys() {
            let now = match seen.engines.get(host) {
                Some(EngineSeen::Engine(engine)) if engine.state != "inactive" => &engine.node,
                Some(EngineSeen::Engine(_)) => "",
                // Which node is its own now is known to nobody.
                _ => continue,
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
        let engine = match seen.engines.get(host) {
            Some(EngineSeen::Engine(engine)) => engine,
            Some(unanswered) if self.node_of(seen, host).is_some() => {
                let why = unanswered.unanswered().unwrap_or_default();
                return Ok(change.note(format!("{host} is left as it is: {why}")));
            }
            Some(unanswered) => {
                return Err(self.unanswered(host, unanswered, "is to join the swarm"));
            }
            None => return Err(Failure::bug(format!("`{host}` was not asked"))),
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
            if !self.past.contains_key(&host) || engine.manager || self.is_elsewhere(seen, engine) {
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
            let label = (OWNER.to_owned(), self.owner.clone());
            change.action(SwarmAction::Init {
                host,
                address,
                label,
            })
        } else {
            change.action(SwarmAction::Join {
                host,
                address,
                manager,
            })
        })
    }

    /// Gives a host its part, whether it runs tasks, and its labels. What the managers do alone is done also where its own
    /// engine does not answer.
    fn part(
        &self,
        seen: &SwarmSeen,
        mut change: Change,
        host: &str,
        member: &Member,
    ) -> Result<Change, Failure> {
        let mute = self.mute(seen, host);
        let now = match seen.engines.get(host) {
            Some(EngineSeen::Engine(engine)) if engine.state != "inactive" => {
                seen.nodes.iter().find(|node| node.id == engine.node)
            }
            _ => mute.and_then(|_| self.node_of(seen, host)),
        };
        let node = || match now {
            Some(now) if mute.is_some() => SwarmNode::Id(now.id.clone()),
            _ => SwarmNode::Of(host.to_owned()),
        };
        if let Some(now) = now {
            self.is_not_others(host, now)?;
        }
        if let Some(now) = now
            && self.is_manager(host)
            && !now.manager
        {
            if let Some(unanswered) = mute {
                return Err(self.unanswered(host, unanswered, "is to become a manager"));
            }
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
            return Ok(change);
        }
        let old = |name: &String| there.get(name).map_or(Shown::Absent, |value| text(value));
        for (name, value) in &set {
            change = change.field(format!("{host}.labels.{name}"), old(name), text(value));
        }
        for name in &remove {
            change = change.field(format!("{host}.labels.{name}"), old(name), Shown::Absent);
        }
        Ok(change.action(SwarmAction::Labels {
            node: node(),
            set,
            remove,
        }))
    }

    /// What came of asking a host's engine, where that is no answer.
    fn mute<'a>(&self, seen: &'a SwarmSeen, host: &str) -> Option<&'a EngineSeen> {
        let asked = seen.engines.get(host)?;
        asked.unanswered().map(|_| asked)
    }

    /// Refuses what only the engine of this host could do.
    fn unanswered(&self, host: &str, engine: &EngineSeen, shall: &str) -> Failure {
        let why = engine.unanswered().unwrap_or_default();
        self.refuse(
            "a host of the swarm does not answer",
            format!("`{host}` {shall}, and {why}"),
            format!(
                "Bring Docker back on `{host}` (`systemctl status docker`), and apply again; or leave its part in the swarm \
                 as it is until then."
            ),
        )
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
            if let Some(why) = seen.engines.get(host).and_then(EngineSeen::unanswered)
                && node.state == "ready"
            {
                return Err(self.refuse(
                    "a host that is to leave the swarm does not answer",
                    format!("`{host}` runs tasks in the swarm, and {why}"),
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

    pub(super) fn refuse(
        &self,
        summary: &'static str,
        why: String,
        help: impl Into<String>,
    ) -> Failure {
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
            EngineSeen::Silent(_) | EngineSeen::Mute(_) => None,
        })
}

/// Whether an address that is declared as one is another than the one that is told. An interface's name is not compared.
fn is_another(declared: &str, told: &str) -> bool {
    declared.parse::<std::net::IpAddr>().is_ok() && declared != told
}

pub(super) fn text(text: &str) -> Shown {
    Shown::Value(Value::from(text))
}
