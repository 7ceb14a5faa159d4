//! A task that runs once, started.

use aws_sdk_ecs::types::{ContainerOverride, Failure as Placement, Service, Task, TaskOverride};

use super::super::{Clients, error::failed, settle::settle_while};
use super::job::{Job, what};
use super::new_role::role_is_new;
use crate::model::Failure;

/// Starts the task; like a service's own where one is given, by the same network and capacity.
///
/// Fails when ECS finds no place for it.
pub(super) async fn start(
    clients: &Clients,
    job: &Job<'_>,
    like: Option<&Service>,
) -> Result<Task, Failure> {
    let replaced = ContainerOverride::builder()
        .name(job.container)
        .set_command(Some(job.command.to_vec()))
        .build();
    // The SDK gives each request a client token of its own, so that its retries start one task.
    let mut request = clients
        .ecs
        .run_task()
        .set_launch_type(job.launch_type.map(Into::into));
    if let Some(service) = like {
        request = request
            .set_network_configuration(service.network_configuration.clone())
            .set_capacity_provider_strategy(service.capacity_provider_strategy.clone())
            .set_platform_version(service.platform_version.clone())
            .set_placement_constraints(service.placement_constraints.clone());
        // ECS takes the one or the other (API reference, `RunTask`).
        if service.capacity_provider_strategy().is_empty() {
            request = request.set_launch_type(service.launch_type.clone());
        }
    }
    let request = request
        .cluster(job.cluster)
        .task_definition(job.task_definition)
        .started_by(job.token)
        .count(1)
        .overrides(
            TaskOverride::builder()
                .container_overrides(replaced)
                .build(),
        );
    let answer = settle_while(clients.patience, role_is_new, || request.clone().send())
        .await
        .map_err(failed("ecs:RunTask", what(job)))?;
    match answer.tasks.unwrap_or_default().into_iter().next() {
        Some(task) => Ok(task),
        None => Err(not_placed(job, answer.failures.unwrap_or_default())),
    }
}

fn not_placed(job: &Job<'_>, failures: Vec<Placement>) -> Failure {
    let reasons: Vec<String> = failures
        .into_iter()
        .map(|one| {
            [one.reason, one.detail]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(": ")
        })
        .collect();
    let why = reasons.join("\n");
    let help = if why.contains("RESOURCE:MEMORY") || why.contains("RESOURCE:CPU") {
        "No instance of the cluster has room: give the task less, or the cluster more or larger instances."
    } else if why.contains("RESOURCE:PORTS") {
        "A fixed host port is taken on every instance: leave the host's side of the port out."
    } else if why.contains("AGENT") {
        "The instances' agents are not connected: look at /var/log/ecs on one of them."
    } else {
        "Look at the cluster's instances, then run again."
    };
    Failure::new("ECS cannot place the task", what(job))
        .why(why)
        .left_behind("Nothing was started.")
        .help(help)
}
