//! The services and task definitions of a target on ECS: looked at, and acted on.

use std::collections::BTreeMap;

use super::site::Site;
use crate::answer;
use crate::model::ecs::{EcsAnswer, EcsQuery, TaskDefinitionSeen};
use crate::model::ecs_action::EcsAction;
use crate::model::{Action, Answer, EcsTarget, Failure, Outcome, Query, Value};

impl Site<'_> {
    /// The ARN of the revision that a service runs. Fails when the service is not there.
    pub(super) async fn runs(&self, ecs: &EcsTarget, service: &str) -> Result<String, Failure> {
        let query = Query::Ecs(EcsQuery::Service {
            cluster: ecs.cluster.clone(),
            name: service.to_owned(),
        });
        let seen = answer!(self.world, query, Answer::Ecs(EcsAnswer::Service(seen)) => seen);
        match seen.filter(|seen| seen.status == "ACTIVE") {
            Some(seen) => Ok(seen.task_definition),
            None => Err(self.gone(format!(
                "The cluster `{}` has no active service `{service}`.",
                ecs.cluster
            ))),
        }
    }

    /// A revision, or the newest one of a family. Fails when it is not there.
    pub(super) async fn revision(&self, family: &str) -> Result<TaskDefinitionSeen, Failure> {
        let query = Query::Ecs(EcsQuery::TaskDefinition {
            family: family.to_owned(),
        });
        let seen = answer!(self.world, query, Answer::Ecs(EcsAnswer::TaskDefinition(seen)) => seen);
        seen.ok_or_else(|| self.gone(format!("There is no active task definition {family}.")))
    }

    /// Registers a revision like this one but for these images; gives its ARN.
    pub(super) async fn reimaged(
        &self,
        revision: &str,
        images: &BTreeMap<String, String>,
    ) -> Result<String, Failure> {
        let action = EcsAction::Reimage {
            revision: revision.to_owned(),
            images: images.clone(),
        };
        match self.world.act(&Action::Ecs(action), self.progress).await? {
            Outcome::Gave(Value::String(arn)) => Ok(arn),
            other => Err(Failure::bug(format!(
                "registering a revision gave {other:?}"
            ))),
        }
    }

    /// Has a service run a revision, and waits until it does.
    pub(super) async fn bring(
        &self,
        ecs: &EcsTarget,
        service: &str,
        revision: &str,
        anew: bool,
    ) -> Result<(), Failure> {
        let action = EcsAction::Deploy {
            cluster: ecs.cluster.clone(),
            service: service.to_owned(),
            revision: revision.to_owned(),
            anew,
        };
        self.world
            .act(&Action::Ecs(action), self.progress)
            .await
            .map(drop)
    }

    /// The digests of the images that a service's tasks of this revision run.
    pub(super) async fn digests(
        &self,
        ecs: &EcsTarget,
        service: &str,
        revision: &str,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let query = Query::Ecs(EcsQuery::RunningImages {
            cluster: ecs.cluster.clone(),
            service: service.to_owned(),
            revision: revision.to_owned(),
        });
        Ok(answer!(self.world, query, Answer::Ecs(EcsAnswer::RunningImages(digests)) => digests))
    }

    fn gone(&self, why: String) -> Failure {
        Failure::new(
            "what the target names is not there",
            format!("deploying to `{}`", self.target.name),
        )
        .why(why)
        .left_behind("Nothing was changed.")
        .help("Apply the environment, which makes it or takes it off the register.")
    }
}

/// The containers of a revision with their images.
pub(super) fn containers(seen: &TaskDefinitionSeen) -> Vec<(String, String)> {
    let containers = seen.definition["containers"]
        .as_object()
        .into_iter()
        .flatten();
    let image = |fields: &Value| fields["image"].as_str().unwrap_or_default().to_owned();
    containers
        .map(|(name, fields)| (name.clone(), image(fields)))
        .collect()
}
