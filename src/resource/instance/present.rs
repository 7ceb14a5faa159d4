//! What must be done until a host is the container instance that is declared.

use std::collections::BTreeMap;

use super::{Instance, text};
use crate::model::ecs_action::EcsAction;
use crate::model::instance::InstanceSeen;
use crate::model::instance_action::InstanceAction;
use crate::model::ssm_action::SsmAction;
use crate::model::{Change, Failure, Kind, Shown, Value, arn};
use crate::resource::aws::Ownership;

impl Instance {
    /// What must be done that Systems Manager manages the host: the change, and whose the registration is then.
    pub(super) fn managed(
        &self,
        seen: &InstanceSeen,
        change: Change,
    ) -> Result<(Change, Ownership), Failure> {
        // Systems Manager tells some with the path that they have in IAM.
        let role = text(arn::name(&self.role));
        let Some(managed) = &seen.managed else {
            let change = change.field("machine", self.machine(seen), Shown::Unknown);
            let change = change.field("role", Shown::Absent, role);
            let register = InstanceAction::Register {
                role: arn::name(&self.role).to_owned(),
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
        if arn::name(&managed.role) != arn::name(&self.role) {
            change = change
                .field("role", text(&managed.role), role)
                .action(SsmAction::SetRole {
                    instance: instance(),
                    role: arn::name(&self.role).to_owned(),
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
    pub(super) fn joined(&self, seen: &InstanceSeen, mut change: Change) -> Change {
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
        // The agent forgets the instance that it was: what Systems Manager does not manage is none any more.
        if let (None, Some(instance)) = (&seen.managed, &seen.instance) {
            change = change.action(EcsAction::DeregisterInstance {
                cluster: host.cluster.clone(),
                arn: instance.arn.clone(),
                force: true,
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
