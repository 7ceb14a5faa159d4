//! A service: made, altered, deleted.

use aws_sdk_ecs::types::DeploymentConfiguration;

use super::super::{Clients, error::failed, settle::settle_while};
use super::{describe::described, new_role::role_is_new, steady, tags::sdk_tags};
use crate::model::ecs_action::ServiceSettings;
use crate::model::{Failure, Progress};

/// Makes a service and waits until it is steady.
pub(super) async fn create(
    clients: &Clients,
    settings: &ServiceSettings,
    progress: &Progress,
) -> Result<(), Failure> {
    let name = &settings.name;
    let request = clients
        .ecs
        .create_service()
        .cluster(&settings.cluster)
        .service_name(name)
        .set_task_definition(settings.task_definition.clone())
        .set_desired_count(settings.desired)
        .set_launch_type(settings.launch_type.as_deref().map(Into::into))
        .deployment_configuration(rules(settings))
        .set_tags(Some(sdk_tags(&settings.tags)));
    settle_while(clients.patience, role_is_new, || request.clone().send())
        .await
        .map_err(failed(
            "ecs:CreateService",
            format!("creating the service {name}"),
        ))?;
    steady::wait(clients, settings, progress).await
}

/// Alters a service and waits until it is steady.
pub(super) async fn update(
    clients: &Clients,
    settings: &ServiceSettings,
    progress: &Progress,
) -> Result<(), Failure> {
    let name = &settings.name;
    let request = clients
        .ecs
        .update_service()
        .cluster(&settings.cluster)
        .service(name)
        .set_task_definition(settings.task_definition.clone())
        .set_desired_count(settings.desired)
        .deployment_configuration(rules(settings));
    let answer = settle_while(clients.patience, role_is_new, || request.clone().send())
        .await
        .map_err(failed(
            "ecs:UpdateService",
            format!("updating the service {name}"),
        ))?;
    let arn = answer.service.and_then(|service| service.service_arn);
    clients
        .ecs
        .tag_resource()
        .set_resource_arn(arn)
        .set_tags(Some(sdk_tags(&settings.tags)))
        .send()
        .await
        .map_err(failed(
            "ecs:TagResource",
            format!("tagging the service {name}"),
        ))?;
    steady::wait(clients, settings, progress).await
}

/// Scales a service to nothing, deletes it and waits until its tasks have ended; one that is not there is no failure.
pub(super) async fn delete(
    clients: &Clients,
    cluster: &str,
    name: &str,
    progress: &Progress,
) -> Result<(), Failure> {
    let service = described(clients, cluster, name).await?;
    let status = service.and_then(|service| service.status);
    if status.as_deref() == Some("ACTIVE") {
        clients
            .ecs
            .update_service()
            .cluster(cluster)
            .service(name)
            .desired_count(0)
            .send()
            .await
            .map_err(failed(
                "ecs:UpdateService",
                format!("scaling the service {name} to 0"),
            ))?;
        clients
            .ecs
            .delete_service()
            .cluster(cluster)
            .service(name)
            .force(true)
            .send()
            .await
            .map_err(failed(
                "ecs:DeleteService",
                format!("deleting the service {name}"),
            ))?;
    }
    steady::wait_gone(clients, cluster, name, progress).await
}

/// What is not set here (the circuit breaker) ECS leaves as it is.
fn rules(settings: &ServiceSettings) -> DeploymentConfiguration {
    DeploymentConfiguration::builder()
        .minimum_healthy_percent(settings.minimum_healthy)
        .maximum_percent(settings.maximum)
        .build()
}
