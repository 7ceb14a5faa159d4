//! A service brought to another revision of its task definition, and nothing else of it changed.

use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, Service};

use super::super::{Clients, error::failed};
use super::describe::{UNKNOWN_AT_FIRST, described};
use super::steady::{PAUSES, ServiceEvents};
use crate::model::{Failure, Progress};

/// What shall run where.
pub(super) struct Wanted<'a> {
    /// The cluster's name.
    pub(super) cluster: &'a str,
    /// The service's name.
    pub(super) service: &'a str,
    /// The revision's ARN.
    pub(super) revision: &'a str,
    /// Whether its tasks are started anew though it runs this revision already.
    pub(super) anew: bool,
}

/// Updates the service and waits until this deployment is the only one left and its tasks run.
pub(super) async fn deploy(
    clients: &Clients,
    wanted: &Wanted<'_>,
    progress: &Progress,
) -> Result<(), Failure> {
    let answer = clients
        .ecs
        .update_service()
        .cluster(wanted.cluster)
        .service(wanted.service)
        .task_definition(wanted.revision)
        .force_new_deployment(wanted.anew)
        .send()
        .await
        .map_err(failed(
            "ecs:UpdateService",
            format!("updating the service {}", wanted.service),
        ))?;
    // By its id this deployment is told from one of the same revision that failed before.
    let service = answer.service;
    let own = service.as_ref().and_then(primary);
    let own = own.filter(|own| own.task_definition.as_deref() == Some(wanted.revision));
    let id = own.and_then(|own| own.id.clone());
    wait(clients, wanted, id.as_deref(), progress).await
}

/// What came of a deployment so far.
enum Came {
    Steady,
    Under,
    /// It is not known yet, or not any more.
    Absent,
    Failed(String),
}

async fn wait(
    clients: &Clients,
    wanted: &Wanted<'_>,
    id: Option<&str>,
    progress: &Progress,
) -> Result<(), Failure> {
    let mut events = ServiceEvents::default();
    let mut backoff = clients.patience.following(PAUSES);
    let mut unknown = UNKNOWN_AT_FIRST;
    loop {
        let service = described(clients, wanted.cluster, wanted.service).await?;
        let Some(service) = service.filter(|service| service.status.as_deref() != Some("INACTIVE"))
        else {
            return Err(failure(
                wanted,
                "The service is not there any more.".to_owned(),
            ));
        };
        events.news(&service, progress);
        match came(&service, wanted, id) {
            Came::Steady => return Ok(()),
            Came::Failed(reason) => return Err(failure(wanted, events.with_last(&reason))),
            Came::Under => unknown = 0,
            Came::Absent if unknown > 0 => unknown -= 1,
            Came::Absent => {
                let why = "ECS has replaced the deployment: it went back by itself, or somebody else deployed.";
                return Err(failure(wanted, events.with_last(why)));
            }
        }
        if !backoff.pause().await {
            let counts = format!(
                "After half an hour {} of {} tasks run.",
                service.running_count, service.desired_count
            );
            return Err(failure(wanted, events.with_last(&counts)));
        }
    }
}

fn primary(service: &Service) -> Option<&Deployment> {
    let mut deployments = service.deployments().iter();
    deployments.find(|one| one.status.as_deref() == Some("PRIMARY"))
}

/// What came of this deployment. One that a circuit breaker gave up stays in the list for a while, marked as failed, beside
/// the one that ECS has put in its place.
fn came(service: &Service, wanted: &Wanted<'_>, id: Option<&str>) -> Came {
    let is_own = |one: &&Deployment| match id {
        Some(id) => one.id.as_deref() == Some(id),
        None => one.task_definition.as_deref() == Some(wanted.revision),
    };
    let deployments = service.deployments();
    let Some(own) = deployments.iter().find(is_own) else {
        return Came::Absent;
    };
    if own.rollout_state == Some(DeploymentRolloutState::Failed) {
        let reason = own.rollout_state_reason.as_deref();
        return Came::Failed(reason.unwrap_or("The deployment failed.").to_owned());
    }
    if own.status.as_deref() != Some("PRIMARY") {
        return Came::Absent;
    }
    let over = !matches!(own.rollout_state, Some(DeploymentRolloutState::InProgress));
    match deployments.len() == 1 && over && service.running_count == service.desired_count {
        true => Came::Steady,
        false => Came::Under,
    }
}

fn failure(wanted: &Wanted<'_>, why: String) -> Failure {
    Failure::new(
        "the deployment failed",
        format!(
            "having the service {} run {}",
            wanted.service, wanted.revision
        ),
    )
    .why(why)
}
