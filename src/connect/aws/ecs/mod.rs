//! ECS.

mod definition;
mod register;
mod run;
mod service;
mod steady;
mod stopped;

use aws_sdk_ecs::types::Tag;

use super::Clients;
use crate::model::ecs::{EcsAnswer, EcsQuery};
use crate::model::ecs_action::EcsAction;
use crate::model::{Failure, Outcome, Progress, Value};
use std::collections::BTreeMap;

/// For so many pauses, which come to a minute, what was just made may be unknown: ECS is eventually consistent (API
/// reference, `DescribeTasks` and `CreateService`).
const UNKNOWN_AT_FIRST: u32 = 16;

/// The answer to a question to ECS.
pub(super) async fn ask(clients: &Clients, query: &EcsQuery) -> Result<EcsAnswer, Failure> {
    match query {
        EcsQuery::TaskDefinition { family } => definition::newest(clients, family)
            .await
            .map(EcsAnswer::TaskDefinition),
        EcsQuery::TaggedTaskDefinition { family, tags } => {
            definition::newest_with(clients, family, tags)
                .await
                .map(EcsAnswer::TaskDefinition)
        }
        EcsQuery::Service { cluster, name } => service::seen(clients, cluster, name)
            .await
            .map(EcsAnswer::Service),
    }
}

/// Performs an action in ECS.
pub(super) async fn act(
    clients: &Clients,
    action: &EcsAction,
    progress: &Progress,
) -> Result<Outcome, Failure> {
    match action {
        EcsAction::Register {
            family,
            definition,
            tags,
        } => {
            let arn = register::register(clients, family, definition, tags).await?;
            return Ok(Outcome::Gave(Value::from(arn)));
        }
        EcsAction::Deregister { family, tags } => {
            register::deregister(clients, family, tags, progress).await?;
        }
        EcsAction::CreateService(settings) => service::create(clients, settings, progress).await?,
        EcsAction::UpdateService(settings) => service::update(clients, settings, progress).await?,
        EcsAction::DeleteService { cluster, name } => {
            service::delete(clients, cluster, name, progress).await?;
        }
        EcsAction::RunTask {
            cluster,
            task_definition,
            container,
            command,
            token,
        } => {
            let job = run::Job {
                cluster,
                task_definition,
                container,
                command,
                token,
            };
            run::run(clients, &job, progress).await?;
        }
    }
    Ok(Outcome::Done)
}

fn tags_of(tags: Option<Vec<Tag>>) -> BTreeMap<String, String> {
    let tags = tags.unwrap_or_default().into_iter();
    tags.filter_map(|tag| Some((tag.key?, tag.value?)))
        .collect()
}

fn sdk_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    let tags = tags.iter();
    tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}
