//! The container instances of a cluster.

use aws_sdk_ecs::{error::ProvideErrorMetadata, types::ContainerInstanceStatus};

use super::super::{
    Clients,
    error::{failed, given, unless},
};
use crate::model::Failure;
use crate::model::ecs::ContainerInstanceSeen;

/// The container instance that this machine is in the cluster; none when it is none, or the cluster is not there.
pub(super) async fn seen(
    clients: &Clients,
    cluster: &str,
    machine: &str,
) -> Result<Option<ContainerInstanceSeen>, Failure> {
    let what = format!("looking for {machine} in the cluster {cluster}");
    // The cluster query language calls every machine's id so, also one outside AWS (ECS developer guide, "External
    // instances").
    let listed = clients
        .ecs
        .list_container_instances()
        .cluster(cluster)
        .filter(format!("ec2InstanceId == {machine}"))
        .send()
        .await;
    let listed = unless(
        &["ClusterNotFoundException"],
        listed,
        failed("ecs:ListContainerInstances", &what),
    )?;
    let Some(listed) = listed else {
        return Ok(None);
    };
    let arns = given(
        listed.container_instance_arns,
        "containerInstanceArns",
        &what,
    )?;
    if arns.is_empty() {
        return Ok(None);
    }
    let described = clients
        .ecs
        .describe_container_instances()
        .cluster(cluster)
        .set_container_instances(Some(arns))
        .send()
        .await
        .map_err(failed("ecs:DescribeContainerInstances", &what))?;
    let instances = given(described.container_instances, "containerInstances", &what)?;
    let standing = instances
        .into_iter()
        .find(|one| one.status.as_deref() != Some("INACTIVE"));
    Ok(standing.map(|one| ContainerInstanceSeen {
        arn: one.container_instance_arn.unwrap_or_default(),
        status: one.status.unwrap_or_default(),
        connected: one.agent_connected,
        tasks: one.running_tasks_count + one.pending_tasks_count,
    }))
}

/// Lets an instance take tasks, or keeps it from it: ECS then moves those of services to others.
pub(super) async fn set_state(
    clients: &Clients,
    cluster: &str,
    arn: &str,
    drained: bool,
) -> Result<(), Failure> {
    let status = match drained {
        true => ContainerInstanceStatus::Draining,
        false => ContainerInstanceStatus::Active,
    };
    let what = format!("making the container instance {arn} {}", status.as_str());
    let answer = clients
        .ecs
        .update_container_instances_state()
        .cluster(cluster)
        .container_instances(arn)
        .status(status)
        .send()
        .await
        .map_err(failed("ecs:UpdateContainerInstancesState", &what))?;
    match answer.failures().first() {
        None => Ok(()),
        Some(refused) => Err(Failure::new("ECS refused the request", what)
            .why(refused.reason().unwrap_or("It gave no reason.").to_owned())),
    }
}

/// Takes an instance out of its cluster, with `force` also while tasks are on it. One that is gone already is no failure.
pub(super) async fn deregister(
    clients: &Clients,
    cluster: &str,
    arn: &str,
    force: bool,
) -> Result<(), Failure> {
    let answer = clients
        .ecs
        .deregister_container_instance()
        .cluster(cluster)
        .container_instance(arn)
        .force(force)
        .send()
        .await;
    match answer {
        Ok(_) => Ok(()),
        // What ECS says of an instance that is in the cluster no more (API reference, `DeregisterContainerInstance`).
        Err(error)
            if error.code() == Some("InvalidParameterException")
                && error
                    .message()
                    .is_some_and(|message| message.contains("not found")) =>
        {
            Ok(())
        }
        Err(error) => Err(failed(
            "ecs:DeregisterContainerInstance",
            format!("taking the container instance {arn} out of {cluster}"),
        )(error)),
    }
}
