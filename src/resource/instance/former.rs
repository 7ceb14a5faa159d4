//! A machine that was a container instance and whose host nobody can ask: it is gone for good, or is another machine now.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Instance, text};
use crate::answer;
use crate::model::ecs::{ContainerInstanceSeen, EcsAnswer, EcsQuery};
use crate::model::ecs_action::EcsAction;
use crate::model::ssm::{ManagedInstanceSeen, SsmAnswer, SsmQuery};
use crate::model::ssm_action::SsmAction;
use crate::model::{Answer, Change, Class, Effect, Failure, Probe, Query, Shown};
use crate::resource::{
    Resource,
    aws::{Owner, Ownership},
};

/// A machine as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// Its id, `mi-…`.
    pub machine: String,
    /// The cluster that it was in.
    pub cluster: String,
}

/// What AWS still knows of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormerSeen {
    managed: Option<ManagedInstanceSeen>,
    instance: Option<ContainerInstanceSeen>,
}

impl Former {
    pub(super) async fn observe(&self, world: &dyn Probe) -> Result<FormerSeen, Failure> {
        let id = self.machine.clone();
        let managed = Query::Ssm(SsmQuery::ManagedInstance { id });
        let instance = Query::Ecs(EcsQuery::ContainerInstance {
            cluster: self.cluster.clone(),
            machine: self.machine.clone(),
        });
        let managed =
            answer!(world, managed, Answer::Ssm(SsmAnswer::ManagedInstance(seen)) => seen);
        let instance =
            answer!(world, instance, Answer::Ecs(EcsAnswer::ContainerInstance(seen)) => seen);
        Ok(FormerSeen { managed, instance })
    }

    /// Takes out of ECS and Systems Manager what is there of it and ours, with the tasks that it was to run. Refuses a
    /// machine whose agent is connected: that one is there, and its tasks run.
    pub(super) fn taken_out(
        &self,
        owner: &Owner,
        seen: &FormerSeen,
        mut change: Change,
    ) -> Result<Change, Failure> {
        let whose = seen.managed.as_ref().map(|one| owner.of(&one.tags));
        // What Systems Manager forgot is ours by the ledger alone.
        if !matches!(whose, None | Some(Ownership::Ours)) {
            return Ok(change);
        }
        if let Some(instance) = &seen.instance {
            if instance.connected {
                return Err(self.is_there());
            }
            change = change
                .field("former.cluster", text(&self.cluster), Shown::Absent)
                .field(
                    "former.tasks",
                    Shown::Value(instance.tasks.into()),
                    Shown::Absent,
                )
                .action(EcsAction::DeregisterInstance {
                    cluster: self.cluster.clone(),
                    arn: instance.arn.clone(),
                    force: true,
                });
        }
        if seen.managed.is_some() {
            change = change
                .field("former.machine", text(&self.machine), Shown::Absent)
                .action(SsmAction::Deregister {
                    instance: self.machine.clone(),
                });
        }
        Ok(change)
    }

    fn is_there(&self) -> Failure {
        let Self { machine, cluster } = self;
        Failure::new(
            "the machine is still connected",
            format!("taking {machine} out of the cluster {cluster} without its host"),
        )
        .class(Class::Refused)
        .why("Its agent speaks to ECS, so that it is there, and the tasks on it run.")
        .left_behind("Nothing was changed.")
        .help(
            "If it was shut down just now, ECS knows that in a few minutes: run it again then. Otherwise stop its agents \
             there (systemctl disable --now ecs amazon-ssm-agent), or let its host be entered.",
        )
    }
}

/// A container instance that is declared no more and whose host is said to be gone for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoneInstance {
    /// The instance, with what the ledger has of it.
    #[serde(flatten)]
    pub instance: Instance,
}

#[async_trait]
impl Resource for GoneInstance {
    type Observed = FormerSeen;

    async fn observe(&self, world: &dyn Probe) -> Result<FormerSeen, Failure> {
        match &self.instance.past {
            Some(past) => past.observe(world).await,
            None => Ok(FormerSeen::default()),
        }
    }

    /// Refused: what is declared has a host.
    fn plan(&self, _: &FormerSeen) -> Result<Change, Failure> {
        Err(Failure::bug("a host that is gone was to be registered"))
    }

    fn remove(&self, seen: &FormerSeen) -> Result<Change, Failure> {
        let Instance { host, owner, .. } = &self.instance;
        let Some(past) = &self.instance.past else {
            return Ok(Change::none().note(format!(
                "The ledger has no id of {host}: where a run was cut while it registered, Systems Manager may have a \
                 managed instance `{host}`, which `aws ssm deregister-managed-instance` takes out."
            )));
        };
        if let Some(managed) = &seen.managed {
            match owner.of(&managed.tags) {
                Ownership::Foreign | Ownership::Another => {
                    let what = format!("the managed instance {}", past.machine);
                    return Err(owner.refuse_removal(&what, &managed.tags));
                }
                Ownership::Adopted => return Ok(Change::none()),
                Ownership::Ours => {}
            }
        }
        let change = past.taken_out(owner, seen, Change::new(Effect::Delete))?;
        if change.is_none() {
            return Ok(change);
        }
        Ok(change.note(format!(
            "{host} is not entered. Should it come back, its agents, what they started and its registration are still \
             there, and AWS takes no word of it: there, stop ecs and amazon-ssm-agent and their containers, and remove \
             /var/lib/amazon/ssm/Vault/Store/RegistrationKey before it is declared again.",
        )))
    }

    fn whose(&self, seen: &FormerSeen) -> Option<Ownership> {
        let managed = seen.managed.as_ref()?;
        Some(self.instance.owner.of(&managed.tags))
    }
}
