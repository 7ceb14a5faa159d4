//! Questions to ECS.

use super::{definition, describe, images, instances};
use crate::connect::aws::config::Clients;
use crate::model::Failure;
use crate::model::ecs::{EcsAnswer, EcsQuery};

/// The answer to a question to ECS.
pub(in crate::connect::aws) async fn ask(
    clients: &Clients,
    query: &EcsQuery,
) -> Result<EcsAnswer, Failure> {
    match query {
        EcsQuery::TaskDefinition { family } => definition::newest(clients, family)
            .await
            .map(EcsAnswer::TaskDefinition),
        EcsQuery::TaggedTaskDefinition { family, tags } => {
            definition::newest_with(clients, family, tags)
                .await
                .map(EcsAnswer::TaskDefinition)
        }
        EcsQuery::Service { cluster, name } => describe::seen(clients, cluster, name)
            .await
            .map(EcsAnswer::Service),
        EcsQuery::RunningImages {
            cluster,
            service,
            revision,
        } => images::running(clients, cluster, service, revision)
            .await
            .map(EcsAnswer::RunningImages),
        EcsQuery::ContainerInstance { cluster, machine } => {
            instances::seen(clients, cluster, machine)
                .await
                .map(EcsAnswer::ContainerInstance)
        }
    }
}
