//! A host as a container instance of an ECS cluster ("ECS Anywhere"): registered in Systems Manager, so that it acts as a
//! role, and joined to the cluster by the agent of ECS.
//!
//! ```text
//!  present   what must be done until it is as it is declared
//!  former    a machine that it was and is no more, taken out without its host
//! ```

mod former;
mod present;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use former::{Former, FormerSeen, GoneInstance};

use super::Resource;
use super::aws::{Owner, Ownership};
use super::nature::{Extra, Mark, Nature, Recorded, Within};
use crate::answer;
use crate::model::instance::{InstanceAnswer, InstanceQuery, InstanceSeen};
use crate::model::instance_action::InstanceAction;
use crate::model::{
    Answer, Attribute, Attributes, Change, Class, Effect, Failure, Probe, Query, Shown, Value,
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
    /// The machine that the ledger has of it; none where it has none yet.
    #[serde(default)]
    pub past: Option<Former>,
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

    /// Takes out the machine that it was, where the host was made anew or is another since.
    fn without_former(&self, seen: &Seen, change: Change) -> Result<Change, Failure> {
        let Some((past, former)) = self.past.as_ref().zip(seen.former.as_ref()) else {
            return Ok(change);
        };
        let change = past.taken_out(&self.owner, former, change)?;
        Ok(match change.is_none() {
            true => change,
            false => change.note(format!(
                "{} was {} before, which is taken out: the host was made anew, or is another now.",
                self.host, past.machine
            )),
        })
    }

    /// Whether the host is registered, and neither in this account and region nor, before somebody took it out, by us.
    fn is_elsewhere(&self, seen: &InstanceSeen) -> bool {
        let machine = &seen.host.machine;
        !machine.is_empty() && seen.managed.is_none() && !self.was(machine)
    }

    /// Whether the ledger has it as this machine.
    fn was(&self, machine: &str) -> bool {
        let past = self.past.as_ref();
        past.is_some_and(|past| past.machine == machine)
    }

    fn refuse(&self, summary: &'static str, why: String, help: &'static str) -> Failure {
        Failure::new(summary, format!("deciding over {}", self.what()))
            .class(Class::Refused)
            .why(why)
            .left_behind("Nothing was changed.")
            .help(help)
    }
}

/// A container instance as it is.
#[derive(Debug, Clone)]
pub struct Seen {
    now: InstanceSeen,
    /// What is left of the machine that it was; none where it is that one still.
    former: Option<FormerSeen>,
}

#[async_trait]
impl Resource for Instance {
    type Observed = Seen;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let query = Query::Instance(InstanceQuery::State);
        let now = answer!(world, query, Answer::Instance(InstanceAnswer::State(seen)) => *seen);
        let former = match &self.past {
            Some(past) if past.machine != now.host.machine => Some(past.observe(world).await?),
            _ => None,
        };
        Ok(Seen { now, former })
    }

    fn plan(&self, all: &Self::Observed) -> Result<Change, Failure> {
        let seen = &all.now;
        self.able(seen)?;
        let effect = match (&seen.managed, &seen.instance) {
            (None, _) | (_, None) => Effect::Create,
            (Some(_), Some(_)) => Effect::Update,
        };
        let change = self.without_former(all, Change::new(effect))?;
        let (change, owner) = self.managed(seen, change)?;
        let mut change = self.joined(seen, change);
        if owner == Ownership::Foreign {
            change.effect = Effect::Adopt;
        }
        Ok(change)
    }

    /// What the host is told last is that it is nobody: as long as it knows, whatever is left is found.
    fn remove(&self, all: &Self::Observed) -> Result<Change, Failure> {
        let seen = &all.now;
        let change = self.without_former(all, Change::new(Effect::Delete))?;
        if seen.host.machine.is_empty() || self.is_elsewhere(seen) {
            return Ok(change);
        }
        if let Some(managed) = &seen.managed {
            match self.owner.of(&managed.tags) {
                Ownership::Foreign | Ownership::Another => {
                    let what = format!("the managed instance {}", seen.host.machine);
                    return Err(self.owner.refuse_removal(&what, &managed.tags));
                }
                Ownership::Adopted => return Ok(change),
                Ownership::Ours => {}
            }
        }
        let mut change = change.field("machine", text(&seen.host.machine), Shown::Absent);
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
        let managed = seen.now.managed.as_ref()?;
        Some(self.owner.of(&managed.tags))
    }

    fn attributes(&self, all: &Self::Observed, _: &Change) -> Attributes {
        let seen = &all.now;
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

fn text(text: &str) -> Shown {
    Shown::Value(Value::from(text))
}
