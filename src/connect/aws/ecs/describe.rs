//! A service as it stands.

use aws_sdk_ecs::{
    error::ProvideErrorMetadata,
    types::{Service, ServiceField},
};

use super::super::{
    Clients,
    error::{failed, given},
};
use super::tags::tags_of;
use crate::model::Failure;
use crate::model::ecs::ServiceSeen;

/// For so many pauses, which come to a minute, what was just made may be unknown: ECS is eventually consistent (API
/// reference, `DescribeTasks` and `CreateService`).
pub(super) const UNKNOWN_AT_FIRST: u32 = 16;

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
            launch_type: service.launch_type.map(|kind| kind.as_str().to_owned()),
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
