//! An ECS service.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Owner, owner::Ownership};
use crate::answer;
use crate::model::ecs::{EcsAnswer, EcsQuery, ServiceSeen};
use crate::model::ecs_action::{EcsAction, ServiceSettings};
use crate::model::{
    Answer, Attribute, Attributes, Change, Class, Effect, Failure, Kind, Probe, Query, Shown,
    Value, arn,
};
use crate::resource::Resource;
use crate::resource::nature::{Anchor, Identity, Mark, Name, Nature, Recorded, Values, Within};

/// A service as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The cluster's name.
    pub cluster: String,
    /// The family of its task definition.
    pub task_definition: String,
    /// How many tasks are wanted.
    pub desired: i32,
    /// `minimumHealthyPercent` of a deployment.
    pub minimum_healthy: i32,
    /// `maximumPercent` of a deployment.
    pub maximum: i32,
    /// On which instances its tasks run: `EC2`, `EXTERNAL`; none for whatever ECS takes.
    #[serde(default)]
    pub launch_type: Option<String>,
    /// Whether one that somebody else made is taken over.
    pub adopt: bool,
    /// Whose it is.
    pub owner: Owner,
}

impl Service {
    /// What holds for every service.
    pub const NATURE: Nature = Nature {
        attributes: &["name", "arn"],
        open: None,
        identity: Some(Identity {
            key: "service_name",
            name: Self::name_of,
            within: Within::Region,
        }),
        anchor: Some(Anchor {
            name: Self::name_of,
            to_move: None,
        }),
        lies_in: Within::Region,
        recorded: Recorded::AS_DECLARED,
        stands: true,
        holds_data: false,
        mark: Mark::Tag,
        given_back: false,
    };

    /// `CLUSTER/NAME`: a cluster goes by its name and by its ARN, which ends with it.
    fn name_of(values: Values<'_>) -> Option<Name> {
        let cluster = values("cluster")?;
        let cluster = match cluster.rsplit_once('/') {
            // Where the name lies in a template that is not filled in yet, nobody knows.
            Some((_, name)) if !cluster.contains("{{") => name,
            _ => &cluster,
        };
        Some(Name::exact(format!("{cluster}/{}", values("name")?)))
    }
}

#[async_trait]
impl Resource for Service {
    type Observed = Option<ServiceSeen>;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let query = Query::Ecs(EcsQuery::Service {
            cluster: self.cluster.clone(),
            name: self.name.clone(),
        });
        Ok(answer!(world, query, Answer::Ecs(EcsAnswer::Service(seen)) => seen))
    }

    /// Which revision runs is the business of deployments: while it is of the declared family it is left alone.
    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let Some(seen) = standing(seen) else {
            let settings = self.settings(Some(self.task_definition.clone()), false);
            return Ok(self
                .fields(Change::new(Effect::Create), None)
                .action(EcsAction::CreateService(settings)));
        };
        if seen.status == "DRAINING" {
            return Err(self.draining());
        }
        let owner = self
            .owner
            .claim(Kind::Service, &self.what(), &seen.tags, self.adopt)?;
        self.refuse_elsewhere(seen)?;
        let effect = match owner {
            Ownership::Foreign => Effect::Adopt,
            _ => Effect::Update,
        };
        let mut change = self.fields(Change::new(effect), Some(seen));
        if owner == Ownership::Foreign {
            change = change.note(
                "It was made by somebody else: it is taken over, and destroying this environment will leave it.",
            );
        }
        if change.diff.is_empty() {
            return Ok(Change::none());
        }
        let other = arn::family(&seen.task_definition) != arn::family(&self.task_definition);
        let settings = self.settings(
            other.then(|| self.task_definition.clone()),
            owner != Ownership::Ours,
        );
        Ok(change.action(EcsAction::UpdateService(settings)))
    }

    fn remove(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let Some(seen) = standing(seen) else {
            return Ok(Change::none());
        };
        match self.owner.of(&seen.tags) {
            Ownership::Foreign | Ownership::Another => {
                Err(self.owner.refuse_removal(&self.what(), &seen.tags))
            }
            Ownership::Adopted => Ok(Change::none()),
            Ownership::Ours => Ok(Change::new(Effect::Delete)
                .field("arn", text(&seen.arn), Shown::Absent)
                .field("running", Shown::Value(seen.running.into()), Shown::Absent)
                .action(EcsAction::DeleteService {
                    cluster: self.cluster.clone(),
                    name: self.name.clone(),
                })),
        }
    }

    fn whose(&self, seen: &Self::Observed) -> Option<Ownership> {
        standing(seen).map(|seen| self.owner.of(&seen.tags))
    }

    fn attributes(&self, seen: &Self::Observed, _: &Change) -> Attributes {
        let arn = match standing(seen) {
            Some(seen) => Attribute::Known(Value::from(seen.arn.as_str())),
            None => Attribute::AfterApply,
        };
        let name = Attribute::Known(Value::from(self.name.as_str()));
        Attributes::from([("arn".to_owned(), arn), ("name".to_owned(), name)])
    }
}

impl Service {
    fn fields(&self, mut change: Change, seen: Option<&ServiceSeen>) -> Change {
        let runs = seen.map(|seen| arn::family(&seen.task_definition));
        if runs != Some(arn::family(&self.task_definition)) {
            let before = seen.map_or(Shown::Absent, |seen| text(&seen.task_definition));
            change = change.field("task_definition", before, text(&self.task_definition));
        }
        let numbers = [
            ("desired", seen.map(|seen| seen.desired), self.desired),
            (
                "minimum_healthy",
                seen.and_then(|seen| seen.minimum_healthy),
                self.minimum_healthy,
            ),
            ("maximum", seen.and_then(|seen| seen.maximum), self.maximum),
        ];
        if seen.is_none()
            && let Some(launch_type) = &self.launch_type
        {
            change = change.field("launch_type", Shown::Absent, text(launch_type));
        }
        for (name, before, after) in numbers {
            if before != Some(after) {
                let before = before.map_or(Shown::Absent, |number| Shown::Value(number.into()));
                change = change.field(name, before, Shown::Value(after.into()));
            }
        }
        let adopted = seen.is_some_and(|seen| self.owner.of(&seen.tags) != Ownership::Ours);
        for (name, value) in self.owner.tags(adopted) {
            let before = seen.and_then(|seen| seen.tags.get(&name));
            if before != Some(&value) {
                let before = before.map_or(Shown::Absent, |value| text(value));
                change = change.field(format!("tags.{name}"), before, text(&value));
            }
        }
        change
    }

    fn settings(&self, task_definition: Option<String>, adopted: bool) -> ServiceSettings {
        ServiceSettings {
            cluster: self.cluster.clone(),
            name: self.name.clone(),
            task_definition,
            desired: Some(self.desired),
            minimum_healthy: self.minimum_healthy,
            maximum: self.maximum,
            launch_type: self.launch_type.clone(),
            tags: self.owner.tags(adopted),
        }
    }

    fn what(&self) -> String {
        format!("the service {} on the cluster {}", self.name, self.cluster)
    }

    /// Refuses a launch type that is another: ECS takes it when a service is made, and never again.
    fn refuse_elsewhere(&self, seen: &ServiceSeen) -> Result<(), Failure> {
        let (Some(wanted), Some(is)) = (&self.launch_type, &seen.launch_type) else {
            return Ok(());
        };
        if wanted == is {
            return Ok(());
        }
        Err(Failure::new(
            "a service keeps its launch type",
            format!("deciding over {}", self.what()),
        )
        .class(Class::Refused)
        .why(format!("It was made for {is}, and {wanted} is declared."))
        .left_behind("Nothing was changed.")
        .help(
            "Give its section and its `service_name` other names: then the new one is made, and the old one is taken away \
             after it.",
        ))
    }

    fn draining(&self) -> Failure {
        Failure::new(
            "the service is being deleted",
            format!("deciding over {}", self.what()),
        )
        .why("It is DRAINING: its last tasks are still ending.")
        .left_behind("Nothing was changed.")
        .help("Run again when its tasks have ended.")
    }
}

/// A deleted service stays visible for a while as `INACTIVE`.
fn standing(seen: &Option<ServiceSeen>) -> Option<&ServiceSeen> {
    seen.as_ref().filter(|seen| seen.status != "INACTIVE")
}

fn text(text: &str) -> Shown {
    Shown::Value(Value::from(text))
}
