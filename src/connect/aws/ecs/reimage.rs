//! A revision of a task definition like another one, but for images.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::TaskDefinitionField;

use super::super::{
    Clients,
    error::{failed, given},
};
use crate::model::Failure;

/// The tags by which an environment knows the revisions that it registered itself. One that a deployment registered is none
/// of those.
const OURS: &str = "landfall:";

/// Registers a revision that has every field of this one, and these images by their containers' names; gives its ARN.
///
/// What ECS itself adds to a revision (its number, when and by whom it was registered, what it requires) is no field. Nor are
/// inference accelerators, which AWS has withdrawn and refuses.
/// Fails when the revision has no container of such a name.
pub(super) async fn reimage(
    clients: &Clients,
    revision: &str,
    images: &BTreeMap<String, String>,
) -> Result<String, Failure> {
    let what = format!("registering a revision like {revision} with other images");
    let answer = clients
        .ecs
        .describe_task_definition()
        .task_definition(revision)
        .include(TaskDefinitionField::Tags)
        .send()
        .await
        .map_err(failed("ecs:DescribeTaskDefinition", &what))?;
    let mut tags = answer.tags.unwrap_or_default();
    tags.retain(|tag| !tag.key.as_ref().is_some_and(|key| key.starts_with(OURS)));
    // ECS refuses an empty list.
    let tags = (!tags.is_empty()).then_some(tags);
    let seen = given(answer.task_definition, "taskDefinition", &what)?;
    let mut containers = seen.container_definitions.unwrap_or_default();
    for (name, image) in images {
        let mut each = containers.iter_mut();
        match each.find(|one| one.name.as_ref() == Some(name)) {
            Some(container) => container.image = Some(image.clone()),
            None => {
                return Err(
                    Failure::new("the task definition has no such container", what)
                        .why(format!("{revision} has no container `{name}`."))
                        .left_behind("Nothing was registered."),
                );
            }
        }
    }
    let answer = clients
        .ecs
        .register_task_definition()
        .set_family(seen.family)
        .set_task_role_arn(seen.task_role_arn)
        .set_execution_role_arn(seen.execution_role_arn)
        .set_network_mode(seen.network_mode)
        .set_container_definitions(Some(containers))
        .set_volumes(seen.volumes)
        .set_placement_constraints(seen.placement_constraints)
        .set_requires_compatibilities(seen.requires_compatibilities)
        .set_cpu(seen.cpu)
        .set_memory(seen.memory)
        .set_tags(tags)
        .set_pid_mode(seen.pid_mode)
        .set_ipc_mode(seen.ipc_mode)
        .set_proxy_configuration(seen.proxy_configuration)
        .set_ephemeral_storage(seen.ephemeral_storage)
        .set_runtime_platform(seen.runtime_platform)
        .set_enable_fault_injection(seen.enable_fault_injection)
        .send()
        .await
        .map_err(failed("ecs:RegisterTaskDefinition", &what))?;
    let registered = answer.task_definition;
    let arn = registered.and_then(|registered| registered.task_definition_arn);
    given(arn, "taskDefinitionArn", what)
}
