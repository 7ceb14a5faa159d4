//! Waiting until a service runs what it shall, telling what ECS says about it meanwhile.

use std::collections::HashSet;

use aws_sdk_ecs::types::{DeploymentRolloutState, Service, ServiceEvent};

use super::super::Clients;
use super::describe::{UNKNOWN_AT_FIRST, described};
use crate::model::ecs_action::ServiceSettings;
use crate::model::{Failure, Progress};

/// Half an hour at five seconds: ECS's own waiter gives up after ten minutes, which slow health checks exceed.
pub(super) const PAUSES: u32 = 360;

/// Waits until one deployment is left and as many tasks run as are wanted.
pub(super) async fn wait(
    clients: &Clients,
    settings: &ServiceSettings,
    progress: &Progress,
) -> Result<(), Failure> {
    let name = &settings.name;
    let mut events = ServiceEvents::default();
    let mut backoff = clients.patience.following(PAUSES);
    let mut unknown = UNKNOWN_AT_FIRST;
    loop {
        let service = described(clients, &settings.cluster, name).await?;
        let service = service.filter(|service| service.status.as_deref() != Some("INACTIVE"));
        let Some(service) = service else {
            if unknown > 0 && backoff.pause().await {
                unknown -= 1;
                continue;
            }
            return Err(failure(name, "It is not there any more.".to_owned())
                .left_behind("Nothing.")
                .help("Somebody deleted it; run again to make it anew."));
        };
        unknown = 0;
        events.news(&service, progress);
        match deployed(&service) {
            Deployed::Steady => return Ok(()),
            Deployed::Failed(reason) => {
                return Err(failure(name, events.with_last(&reason))
                    .left_behind("The service stands; ECS keeps or brings back the tasks of the last good deployment.")
                    .help("Correct the cause (often the image, its health check or the room on the cluster), then run again."));
            }
            Deployed::Under => {}
        }
        if !backoff.pause().await {
            let counts = format!(
                "After half an hour {} of {} tasks run.",
                service.running_count, service.desired_count
            );
            return Err(failure(name, events.with_last(&counts))
                .left_behind("The service stands and ECS goes on trying.")
                .help("Correct the cause (often the image, its health check or the room on the cluster), then run again."));
        }
    }
}

/// Waits until a deleted service's last task has ended.
pub(super) async fn wait_gone(
    clients: &Clients,
    cluster: &str,
    name: &str,
    progress: &Progress,
) -> Result<(), Failure> {
    let mut events = ServiceEvents::default();
    let mut backoff = clients.patience.following(PAUSES);
    loop {
        let Some(service) = described(clients, cluster, name).await? else {
            return Ok(());
        };
        if service.status.as_deref() == Some("INACTIVE") {
            return Ok(());
        }
        events.news(&service, progress);
        if !backoff.pause().await {
            return Err(failure(
                name,
                "Its tasks have not ended after half an hour.".to_owned(),
            )
            .left_behind("The service is DRAINING: it is deleted when its tasks end.")
            .help("Stop its tasks, or wait, then run again."));
        }
    }
}

enum Deployed {
    Steady,
    Under,
    Failed(String),
}

/// A circuit breaker that rolls back makes a new primary deployment and leaves the failed one beside it for a while.
fn deployed(service: &Service) -> Deployed {
    let deployments = service.deployments();
    for deployment in deployments {
        if deployment.rollout_state == Some(DeploymentRolloutState::Failed) {
            let reason = deployment.rollout_state_reason.as_deref();
            return Deployed::Failed(reason.unwrap_or("The deployment failed.").to_owned());
        }
    }
    let done = match deployments {
        [only] => !matches!(only.rollout_state, Some(DeploymentRolloutState::InProgress)),
        _ => false,
    };
    if done && service.running_count == service.desired_count {
        Deployed::Steady
    } else {
        Deployed::Under
    }
}

/// What ECS said about the service so far.
#[derive(Default)]
pub(super) struct ServiceEvents {
    begun: bool,
    known: HashSet<String>,
    last: Vec<String>,
}

impl ServiceEvents {
    /// Tells the events since the last look; those before the first look are old.
    pub(super) fn news(&mut self, service: &Service, progress: &Progress) {
        let first = !std::mem::replace(&mut self.begun, true);
        for ServiceEvent { id, message, .. } in service.events().iter().rev() {
            if self.known.insert(id.clone().unwrap_or_default()) && !first {
                let message = message.clone().unwrap_or_default();
                progress.say(&message);
                self.last.push(message);
            }
        }
    }

    /// The reason, and the last three things that ECS said.
    pub(super) fn with_last(&self, reason: &str) -> String {
        let from = self.last.len().saturating_sub(3);
        let mut lines = vec![reason];
        lines.extend(self.last[from..].iter().map(String::as_str));
        lines.join("\n")
    }
}

fn failure(name: &str, why: String) -> Failure {
    Failure::new(
        "the service does not become steady",
        format!("waiting for the service {name}"),
    )
    .why(why)
}
