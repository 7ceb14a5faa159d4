//! Which images the tasks of a service were really started from.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::DesiredStatus;

use super::super::{
    Clients,
    error::{failed, given},
};
use crate::model::Failure;

/// The digests of the images that running tasks of this revision have, by the images' words. ECS tells none where its
/// agent has not told it one.
pub(super) async fn running(
    clients: &Clients,
    cluster: &str,
    service: &str,
    revision: &str,
) -> Result<BTreeMap<String, String>, Failure> {
    let what = format!("looking at the tasks of the service {service}");
    let listed = clients
        .ecs
        .list_tasks()
        .cluster(cluster)
        .service_name(service)
        .desired_status(DesiredStatus::Running)
        .send()
        .await
        .map_err(failed("ecs:ListTasks", &what))?;
    let arns = given(listed.task_arns, "taskArns", &what)?;
    if arns.is_empty() {
        return Ok(BTreeMap::new());
    }
    // One page: each of its hundred tasks was started from the same images.
    let described = clients
        .ecs
        .describe_tasks()
        .cluster(cluster)
        .set_tasks(Some(arns))
        .send()
        .await
        .map_err(failed("ecs:DescribeTasks", &what))?;
    let mut found = BTreeMap::new();
    for task in described.tasks.unwrap_or_default() {
        if task.task_definition_arn.as_deref() != Some(revision) {
            continue;
        }
        for container in task.containers.unwrap_or_default() {
            if let (Some(image), Some(digest)) = (container.image, container.image_digest) {
                found.insert(image, digest);
            }
        }
    }
    Ok(found)
}
