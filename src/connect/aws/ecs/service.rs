//! A service: as it stands, made, altered, deleted.

use aws_sdk_ecs::{
    error::ProvideErrorMetadata,
    types::{DeploymentConfiguration, Service, ServiceField},
};

use super::super::{
    Clients,
    error::{failed, given},
};
use super::{sdk_tags, steady, tags_of};
use crate::model::ecs::ServiceSeen;
use crate::model::ecs_action::ServiceSettings;
use crate::model::{Failure, Progress};

/// The service of this name; none when it, or its cluster, is not there.
pub(super) async fn seen(
    clients: &Clients,
    cluster: &str,
    name: &str,
) -> Result<Option<ServiceSeen>, Failure> {
    let service = described(clients, cluster, name).await?;
    Ok(service.map(|service| {
        let rules = service.deployment_configuration.as_ref();
        ServiceSeen {
            minimum_healthy: rules.and_then(|rules| rules.minimum_healthy_percent),
            maximum: rules.and_then(|rules| rules.maximum_percent),
            arn: service.service_arn.unwrap_or_default(),
            status: service.status.unwrap_or_default(),
            task_definition: service.task_definition.unwrap_or_default(),
            desired: service.desired_count,
            running: service.running_count,
            tags: tags_of(service.tags),
        }
    }))
}

/// The service as ECS tells it; none when it, or its cluster, is not there.
pub(super) async fn described(
    clients: &Clients,
    cluster: &str,
    name: &str,
) -> Result<Option<Service>, Failure> {
    let what = format!("looking at the service {name} on the cluster {cluster}");
    let answer = clients
        .ecs
        .describe_services()
        .cluster(cluster)
        .services(name)
        .include(ServiceField::Tags)
        .send()
        .await;
    match answer {
        Ok(answer) => {
            let services = given(answer.services, "services", what)?;
            Ok(services.into_iter().next())
        }
        Err(error) if error.code() == Some("ClusterNotFoundException") => Ok(None),
        Err(error) => Err(failed("ecs:DescribeServices", what)(error)),
    }
}

/// Makes a service and waits until it is steady.
pub(super) async fn create(
    clients: &Clients,
    settings: &ServiceSettings,
    progress: &Progress,
) -> Result<(), Failure> {
    let name = &settings.name;
    clients
        .ecs
        .create_service()
        .cluster(&settings.cluster)
        .service_name(name)
        .set_task_definition(settings.task_definition.clone())
        .set_desired_count(settings.desired)
        .deployment_configuration(rules(settings))
        .set_tags(Some(sdk_tags(&settings.tags)))
        .send()
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
    let answer = clients
        .ecs
        .update_service()
        .cluster(&settings.cluster)
        .service(name)
        .set_task_definition(settings.task_definition.clone())
        .set_desired_count(settings.desired)
        .deployment_configuration(rules(settings))
        .send()
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
