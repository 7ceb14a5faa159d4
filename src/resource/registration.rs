//! The record of a deploy target in the registry.

use async_trait::async_trait;

use super::Resource;
use super::nature::{Mark, Nature, Recorded, Within};
use crate::answer;
use crate::model::registry::{RegistryAnswer, RegistryQuery};
use crate::model::registry_action::RegistryAction;
use crate::model::{
    Answer, Change, Effect, Failure, HostTarget, Map, Probe, Query, Shown, Target, TargetKind,
    Value,
};

/// A target's record as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The record; its time is the time at which it would be written.
    pub target: Target,
}

impl Registration {
    /// What holds for every deploy target.
    pub const NATURE: Nature = Nature {
        attributes: &[],
        open: None,
        identity: None,
        anchor: None,
        lies_in: Within::Region,
        recorded: Recorded::AS_DECLARED,
        stands: true,
        holds_data: false,
        mark: Mark::Place,
        given_back: false,
    };
}

#[async_trait]
impl Resource for Registration {
    type Observed = Option<Target>;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let query = Query::Registry(RegistryQuery::Target {
            name: self.target.name.clone(),
        });
        Ok(
            answer!(world, query, Answer::Registry(RegistryAnswer::Target(target)) => target.map(|target| *target)),
        )
    }

    /// The time of registration alone is no difference. One that was registered and never tried is tried.
    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let before = seen.as_ref().map(fields).transpose()?.unwrap_or_default();
        let after = fields(&self.target)?;
        let tried = seen.as_ref().is_none_or(|seen| seen.verified.is_some());
        if before == after && tried {
            return Ok(Change::none());
        }
        let mut change = Change::new(if seen.is_some() {
            Effect::Update
        } else {
            Effect::Create
        });
        for (name, value) in &after {
            if before.get(name) != Some(value) {
                let old = before
                    .get(name)
                    .cloned()
                    .map_or(Shown::Absent, Shown::Value);
                change = change.field(name, old, Shown::Value(value.clone()));
            }
        }
        for (name, value) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
            change = change.field(name, Shown::Value(value.clone()), Shown::Absent);
        }
        if !tried {
            let now = Shown::Text("as CI will use it".to_owned());
            change = change.field("verified", Shown::Absent, now);
        }
        Ok(change.action(RegistryAction::Register(Box::new(self.target.clone()))))
    }

    fn remove(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        Ok(match seen {
            None => Change::none(),
            Some(seen) => {
                let name = self.target.name.clone();
                let change = Change::new(Effect::Delete);
                match &seen.kind {
                    TargetKind::Host(host) => change.note(stays(host)),
                    TargetKind::Ecs(_) => change,
                }
                .action(RegistryAction::Remove { name })
            }
        })
    }
}

/// What is still there when a host is a target no more: a playbook has no way back, so nobody takes it away.
fn stays(host: &HostTarget) -> String {
    let rule = if host.sudo.is_empty() {
        ""
    } else {
        ", and its sudo rule holds"
    };
    format!(
        "the host {} stays as it was prepared: `{}` can still log in{rule}; take that away there if nobody is to deploy \
         to it any more",
        host.address, host.user
    )
}

/// What the registry itself adds when it writes a record.
const WRITTEN: &[&str] = &["registered", "version", "verified"];

/// The record's fields that say something: not what the registry adds, and nothing that is null.
fn fields(target: &Target) -> Result<Map, Failure> {
    match serde_json::to_value(target) {
        Ok(Value::Object(fields)) => Ok(fields
            .into_iter()
            .filter(|(name, value)| !WRITTEN.contains(&name.as_str()) && !value.is_null())
            .collect()),
        other => Err(Failure::bug(format!(
            "a target was not written as a mapping: {other:?}"
        ))),
    }
}
