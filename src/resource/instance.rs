//! A host as a container instance of an ECS cluster ("ECS Anywhere"): registered in Systems Manager, so that it acts as a
//! role, and joined to the cluster by the agent of ECS.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Resource;
use super::aws::{Owner, Ownership};
use super::nature::{Extra, Mark, Nature, Recorded, Within};
use crate::answer;
use crate::model::instance::{InstanceAnswer, InstanceQuery, InstanceSeen};
use crate::model::instance_action::InstanceAction;
use crate::model::ssm_action::SsmAction;
use crate::model::{
    Answer, Attribute, Attributes, Change, Class, Effect, Failure, Kind, Probe, Query, Shown, Value,
};

/// The attribute with the id of the managed instance, which the ledger records.
pub const MACHINE: &str = "machine";

/// A container instance as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// The host, by its name in the environment.
    pub host: String,
    /// The cluster's name.
    pub cluster: String,
    /// The region of both.
    pub region: String,
    /// The role that it acts as: its name, or its ARN.
    pub role: String,
    /// Whether it takes no tasks.
    #[serde(default)]
    pub drained: bool,
    /// Whether a registration that somebody else made is taken over.
    #[serde(default)]
    pub adopt: bool,
    /// Whose it is.
    pub owner: Owner,
    /// The id that the ledger has of it; none where it has none yet.
    #[serde(default)]
    pub past: Option<String>,
}

impl Instance {
    /// What holds for every container instance.
    pub const NATURE: Nature = Nature {
        attributes: &[MACHINE, "arn"],
        open: None,
        identity: None,
        anchor: None,
        lies_in: Within::Region,
        recorded: Recorded {
            extra: Extra::Attribute(MACHINE),
            ..Recorded::AS_DECLARED
        },
        stands: true,
        holds_data: false,
        mark: Mark::Tag,
        given_back: false,
    };

    fn what(&self) -> String {
        format!(
            "the host {} as a container instance of {}",
            self.host, self.cluster
        )
    }

    /// Refuses a host without the agents, and one that is registered elsewhere.
    fn able(&self, seen: &InstanceSeen) -> Result<(), Failure> {
        let host = &seen.host;
        let lacks = [
            ("amazon-ssm-agent", host.ssm_agent),
            ("amazon-ecs-init", host.ecs_agent),
        ];
        let lacks: Vec<&str> = lacks
            .iter()
            .filter(|(_, there)| !there)
            .map(|(name, _)| *name)
            .collect();
        if !lacks.is_empty() {
            return Err(self.refuse(
                "the host has not the agents of AWS",
                format!("It lacks {}.", lacks.join(" and ")),
                "Let a playbook install them: `playbooks = [\"docker-host\", \"ecs-anywhere\"]` of the host.",
            ));
        }
        if self.is_elsewhere(seen) {
            return Err(self.refuse(
                "the host is registered elsewhere",
                format!(
                    "It is {} in {}, which Systems Manager does not know in this account and region ({}).",
                    host.machine, host.machine_region, self.region
                ),
                "If nobody needs it there, deregister it (`aws ssm deregister-managed-instance`), then remove \
                 /var/lib/amazon/ssm/Vault/Store/RegistrationKey on the host.",
            ));
        }
        Ok(())
    }

    /// Whether the host is registered, and neither in this account and region nor, before somebody took it out, by us.
    fn is_elsewhere(&self, seen: &InstanceSeen) -> bool {
        let machine = &seen.host.machine;
        !machine.is_empty() && seen.managed.is_none() && self.past.as_ref() != Some(machine)
    }

    fn refuse(&self, summary: &'static str, why: String, help: &'static str) -> Failure {
        Failure::new(summary, format!("deciding over {}", self.what()))
            .class(Class::Refused)
            .why(why)
            .left_behind("Nothing was changed.")
            .help(help)
    }

    /// What must be done that Systems Manager manages the host: the change, and whose the registration is then.
    fn managed(&self, seen: &InstanceSeen, change: Change) -> Result<(Change, Ownership), Failure> {
        let role = text(last(&self.role));
        let Some(managed) = &seen.managed else {
            let change = change.field("machine", self.machine(seen), Shown::Unknown);
            let change = change.field("role", Shown::Absent, role);
            let register = InstanceAction::Register {
                role: last(&self.role).to_owned(),
                region: self.region.clone(),
                name: self.host.clone(),
                tags: self.owner.tags(false),
            };
            return Ok((change.action(register), Ownership::Ours));
        };
        let owner = self.owner.claim(
            Kind::Instance,
            &format!("the managed instance {}", seen.host.machine),
            &managed.tags,
            self.adopt,
        )?;
        let instance = || seen.host.machine.clone();
        let mut change = change;
        if last(&managed.role) != last(&self.role) {
            change = change
                .field("role", text(&managed.role), role)
                .action(SsmAction::SetRole {
                    instance: instance(),
                    role: last(&self.role).to_owned(),
                });
        }
        let tags: BTreeMap<String, String> = self.owner.tags(owner != Ownership::Ours);
        let lacks = |(name, value): &(&String, &String)| managed.tags.get(*name) != Some(*value);
        if tags.iter().any(|tag| lacks(&tag)) {
            for (name, value) in tags.iter().filter(lacks) {
                let before = managed.tags.get(name);
                let before = before.map_or(Shown::Absent, |value| text(value));
                change = change.field(format!("tags.{name}"), before, text(value));
            }
            change = change.action(SsmAction::Tag {
                instance: instance(),
                tags,
            });
        }
        if owner == Ownership::Foreign {
            change = change.note(
                "It was registered by somebody else: it is taken over, and destroying this environment will leave it.",
            );
        }
        Ok((change, owner))
    }

    fn machine(&self, seen: &InstanceSeen) -> Shown {
        match seen.host.machine.as_str() {
            "" => Shown::Absent,
            machine => text(machine),
        }
    }

    /// What must be done that it is in its cluster.
    fn joined(&self, seen: &InstanceSeen, mut change: Change) -> Change {
        let host = &seen.host;
        let there = seen
            .instance
            .as_ref()
            .filter(|_| seen.managed.is_some() && host.cluster == self.cluster);
        let leaves =
            seen.managed.is_some() && seen.instance.is_some() && host.cluster != self.cluster;
        if leaves {
            change = change.action(InstanceAction::Leave {
                cluster: host.cluster.clone(),
            });
        }
        let before = |text: &str| match text {
            "" => Shown::Absent,
            set => Shown::Value(Value::from(set)),
        };
        let mut stale = false;
        if host.cluster != self.cluster || there.is_none() {
            let was = match there {
                None if host.cluster == self.cluster => Shown::Absent,
                _ => before(&host.cluster),
            };
            change = change.field("cluster", was, text(&self.cluster));
            stale = true;
        }
        if host.region != self.region {
            change = change.field("region", before(&host.region), text(&self.region));
            stale = true;
        }
        if !host.external {
            change = change.field("external", Shown::Absent, Shown::Value(true.into()));
            stale = true;
        }
        let runs = host.running && there.is_none_or(|there| there.connected);
        if !runs && !stale {
            let state = if host.running {
                "not connected"
            } else {
                "stopped"
            };
            change = change.field("agents", text(state), text("connected"));
            stale = true;
        }
        if stale {
            change = change.action(InstanceAction::Join {
                cluster: self.cluster.clone(),
                region: self.region.clone(),
                anew: there.is_none(),
            });
        }
        let drained = there.is_some_and(|there| there.status == "DRAINING");
        if drained != self.drained {
            let word = |drained: bool| text(if drained { "DRAINING" } else { "ACTIVE" });
            let was = there.map_or(Shown::Absent, |_| word(drained));
            change = change.field("status", was, word(self.drained)).action(
                InstanceAction::Availability {
                    cluster: self.cluster.clone(),
                    drained: self.drained,
                },
            );
        }
        change
    }
}

#[async_trait]
impl Resource for Instance {
    type Observed = InstanceSeen;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let query = Query::Instance(InstanceQuery::State);
        Ok(answer!(world, query, Answer::Instance(InstanceAnswer::State(seen)) => *seen))
    }

    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        self.able(seen)?;
        let effect = match (&seen.managed, &seen.instance) {
            (None, _) | (_, None) => Effect::Create,
            (Some(_), Some(_)) => Effect::Update,
        };
        let (change, owner) = self.managed(seen, Change::new(effect))?;
        let mut change = self.joined(seen, change);
        if owner == Ownership::Foreign {
            change.effect = Effect::Adopt;
        }
        Ok(change)
    }

    /// What the host is told last is that it is nobody: as long as it knows, whatever is left is found.
    fn remove(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        if seen.host.machine.is_empty() || self.is_elsewhere(seen) {
            return Ok(Change::none());
        }
        if let Some(managed) = &seen.managed {
            match self.owner.of(&managed.tags) {
                Ownership::Foreign | Ownership::Another => {
                    let what = format!("the managed instance {}", seen.host.machine);
                    return Err(self.owner.refuse_removal(&what, &managed.tags));
                }
                Ownership::Adopted => return Ok(Change::none()),
                Ownership::Ours => {}
            }
        }
        let mut change =
            Change::new(Effect::Delete).field("machine", text(&seen.host.machine), Shown::Absent);
        if let Some(instance) = &seen.instance {
            change = change
                .field("cluster", text(&seen.host.cluster), Shown::Absent)
                .field("tasks", Shown::Value(instance.tasks.into()), Shown::Absent)
                .action(InstanceAction::Leave {
                    cluster: seen.host.cluster.clone(),
                });
        }
        Ok(change
            .action(InstanceAction::Retire)
            .note("The agents stay installed on the host, and do not run."))
    }

    fn whose(&self, seen: &Self::Observed) -> Option<Ownership> {
        let managed = seen.managed.as_ref()?;
        Some(self.owner.of(&managed.tags))
    }

    fn attributes(&self, seen: &Self::Observed, _: &Change) -> Attributes {
        let known = |value: Option<&str>| match value {
            Some(value) => Attribute::Known(Value::from(value)),
            None => Attribute::AfterApply,
        };
        let machine = seen.managed.as_ref().map(|_| seen.host.machine.as_str());
        let instance = seen.instance.as_ref();
        let instance = instance.filter(|_| seen.host.cluster == self.cluster);
        Attributes::from([
            (MACHINE.to_owned(), known(machine)),
            (
                "arn".to_owned(),
                known(instance.map(|one| one.arn.as_str())),
            ),
        ])
    }
}

/// A role's name in itself: Systems Manager tells some with the path that they have in IAM.
fn last(role: &str) -> &str {
    role.rsplit('/').next().unwrap_or_default()
}

fn text(text: &str) -> Shown {
    Shown::Value(Value::from(text))
}
