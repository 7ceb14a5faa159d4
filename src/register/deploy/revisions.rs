//! The services and task definitions of a target on ECS: looked at, and acted on.

use std::collections::BTreeMap;

use super::site::Site;
use crate::answer;
use crate::model::ecs::{EcsAnswer, EcsQuery, TaskDefinitionSeen};
use crate::model::ecs_action::EcsAction;
use crate::model::{Action, Answer, EcsTarget, Failure, Outcome, Query, Value, arn, tags};

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

    /// What a new revision of a service is made from that runs this one: the one that runs, or the newest of its family
    /// where the environment registered that later, for what is declared counts from the next deployment on. The images of
    /// what runs stay either way.
    pub(super) async fn base(&self, runs: &str, family: Option<&str>) -> Result<Base, Failure> {
        let own = arn::family(runs);
        if let Some(family) = family.filter(|family| *family != own) {
            let from = self.revision(family).await?;
            return Ok(Base {
                from,
                live: BTreeMap::new(),
            });
        }
        let running = self.revision(runs).await?;
        let newest = self.revision(own).await?;
        let declared = newest.tags.contains_key(tags::ENVIRONMENT);
        if !declared || newest.revision <= running.revision {
            return Ok(Base {
                from: running,
                live: BTreeMap::new(),
            });
        }
        let there: BTreeMap<String, String> = containers(&newest).into_iter().collect();
        let mut live: BTreeMap<String, String> = containers(&running).into_iter().collect();
        live.retain(|name, image| there.get(name).is_some_and(|other| other != image));
        Ok(Base { from: newest, live })
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

/// What a new revision is made from.
pub(super) struct Base {
    /// The revision.
    pub from: TaskDefinitionSeen,
    /// The images that run, by their containers, where the revision has others.
    pub live: BTreeMap<String, String>,
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
