//! An ECS task definition: a new revision is registered only when what it says differs.

mod live;
mod normal;
mod shape;

use std::collections::BTreeMap;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use live::Seen;

use super::{Owner, owner::Ownership};
use crate::answer;
use crate::model::ecs::{EcsAnswer, EcsQuery, TaskDefinitionSeen};
use crate::model::ecs_action::EcsAction;
use crate::model::{
    Answer, Attribute, Attributes, Change, Effect, Failure, Probe, Query, Shown, Value,
};
use crate::resource::Resource;
use crate::resource::nature::{
    Anchor, Extra, Identity, Mark, Name, Nature, Recorded, Values, Within,
};

/// A task definition as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskDefinition {
    /// The family.
    pub family: String,
    /// `bridge`, `host`, `awsvpc` or `none`; ECS's default when absent.
    pub network_mode: Option<String>,
    /// The task's CPU units, as ECS writes them (`"256"`).
    pub cpu: Option<String>,
    /// The task's memory in MiB, as ECS writes it (`"512"`).
    pub memory: Option<String>,
    /// The role the containers act as: a name or an ARN.
    pub task_role: Option<String>,
    /// The role the agent acts as: a name or an ARN.
    pub execution_role: Option<String>,
    /// Its containers by name.
    pub containers: BTreeMap<String, Container>,
    /// Whose it is.
    pub owner: Owner,
}

/// A container of a task definition, as `[tasks.NAME.containers.NAME]` declares it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// The image, with its tag or digest.
    #[schemars(schema_with = "shape::image")]
    pub image: String,
    /// Hard limit of its memory in MiB.
    #[schemars(range(min = 4))]
    pub memory: Option<i32>,
    /// CPU units.
    #[schemars(range(min = 0))]
    pub cpu: Option<i32>,
    /// The command, as words.
    #[serde(default)]
    pub command: Vec<String>,
    /// The working directory.
    pub working_directory: Option<String>,
    /// Environment variables. Not for secrets: anybody who may describe the task definition reads them.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Ports as `container` or `host:container`, with `/udp` behind if need be.
    #[serde(default)]
    #[schemars(schema_with = "shape::ports")]
    pub ports: Vec<String>,
    /// Whether the task ends when this container does.
    #[serde(default = "yes")]
    pub essential: bool,
    /// The CloudWatch log group its output goes to.
    pub log_group: Option<String>,
}

fn yes() -> bool {
    true
}

impl TaskDefinition {
    /// What holds for every task definition.
    pub const NATURE: Nature = Nature {
        attributes: &["arn", "family"],
        open: None,
        identity: Some(Identity {
            key: "family",
            name: Self::name_of,
            within: Within::Region,
        }),
        anchor: Some(Anchor {
            name: Self::name_of,
            to_move: None,
        }),
        lies_in: Within::Region,
        recorded: Recorded {
            emptied: &["containers"],
            paths: &[],
            extra: Extra::Nothing,
        },
        stands: true,
        holds_data: false,
        mark: Mark::Place,
        given_back: false,
    };

    fn name_of(values: Values<'_>) -> Option<Name> {
        values("family").map(Name::exact)
    }
}

#[async_trait]
impl Resource for TaskDefinition {
    type Observed = Option<Seen>;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let query = Query::Ecs(EcsQuery::TaskDefinition {
            family: self.family.clone(),
        });
        let seen = answer!(world, query, Answer::Ecs(EcsAnswer::TaskDefinition(seen)) => seen);
        let Some(newest) = seen else {
            return Ok(None);
        };
        let ours = match self.owner.of(&newest.tags) {
            Ownership::Foreign => self.newest_of_ours(world).await?,
            _ => None,
        };
        Ok(Some(Seen { newest, ours }))
    }

    /// The newest revision may be somebody else's, registered after ours by a deployment.
    async fn observe_removal(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let newest = self.newest_of_ours(world).await?;
        Ok(newest.map(|newest| Seen { newest, ours: None }))
    }

    /// A revision never changes and every one we register carries our tag, so there is nothing to adopt: when the
    /// newest says something else, whoever registered it, a newer one is registered. Images that were deployed since are
    /// nothing else, and a newer revision has them as well.
    ///
    /// Refused where the newest is another environment's: each would go on registering over the other's.
    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let (whole, live) = self.with_live_images(seen.as_ref());
        let seen = seen.as_ref().map(|seen| &seen.newest);
        if let Some(seen) = seen
            && self.owner.of(&seen.tags) == Ownership::Another
        {
            let what = format!("the task definition {}", self.family);
            return Err(self.owner.refuse_another(&what, &seen.tags));
        }
        let before = seen.map(|seen| normal::fields(&seen.definition));
        let after = normal::fields(&whole.definition());
        if before.as_ref() == Some(&after) {
            return Ok(Change::none());
        }
        let effect = match seen {
            None => Effect::Create,
            Some(_) => Effect::Update,
        };
        let mut change = Change::new(effect);
        let before = before.unwrap_or_default();
        for (path, value) in &after {
            if before.get(path) != Some(value) {
                let before = before.get(path).cloned();
                change = change.field(
                    path,
                    before.map_or(Shown::Absent, Shown::Value),
                    Shown::Value(value.clone()),
                );
            }
        }
        for (path, value) in before {
            if !after.contains_key(&path) {
                change = change.field(path, Shown::Value(value), Shown::Absent);
            }
        }
        if let Some(seen) = seen {
            change = change.note(match self.owner.of(&seen.tags) {
                Ownership::Foreign | Ownership::Another => format!(
                    "Revision {} was registered by a deployment or by somebody else, and stays; what it says beyond these fields is not \
                     carried over.",
                    seen.revision
                ),
                Ownership::Ours | Ownership::Adopted => format!("Revision {} stays; services go on running what they run.", seen.revision),
            });
        }
        for (container, image) in &live {
            change = change.note(format!(
                "The image of `{container}` stays the deployed one, {image}, while the declared one does not change."
            ));
        }
        Ok(change.action(EcsAction::Register {
            family: self.family.clone(),
            definition: whole.definition(),
            tags: self.tags(&live),
        }))
    }

    fn remove(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let Some(Seen { newest: seen, .. }) = seen else {
            return Ok(Change::none());
        };
        Ok(Change::new(Effect::Delete)
            .field(
                "revisions",
                Shown::Value(Value::from(format!("ours, up to {}", seen.arn))),
                Shown::Absent,
            )
            .action(EcsAction::Deregister {
                family: self.family.clone(),
                tags: self.owner.tags(false),
            }))
    }

    fn whose(&self, seen: &Self::Observed) -> Option<Ownership> {
        seen.as_ref().map(|seen| self.owner.of(&seen.newest.tags))
    }

    fn attributes(&self, seen: &Self::Observed, change: &Change) -> Attributes {
        let arn = match seen {
            Some(seen) if change.is_none() => {
                Attribute::Known(Value::from(seen.newest.arn.as_str()))
            }
            _ => Attribute::AfterApply,
        };
        let family = Attribute::Known(Value::from(self.family.as_str()));
        Attributes::from([("arn".to_owned(), arn), ("family".to_owned(), family)])
    }
}

impl TaskDefinition {
    async fn newest_of_ours(
        &self,
        world: &dyn Probe,
    ) -> Result<Option<TaskDefinitionSeen>, Failure> {
        let query = Query::Ecs(EcsQuery::TaggedTaskDefinition {
            family: self.family.clone(),
            tags: self.owner.tags(false),
        });
        Ok(answer!(world, query, Answer::Ecs(EcsAnswer::TaskDefinition(seen)) => seen))
    }

    fn definition(&self) -> Value {
        json!({
            "network_mode": self.network_mode,
            "cpu": self.cpu,
            "memory": self.memory,
            "task_role": self.task_role,
            "execution_role": self.execution_role,
            "containers": self.containers,
        })
    }
}
