//! A command that is run once beside a service: by its revision, its network and its capacity.

use super::super::Clients;
use super::super::logs::Tell;
use super::describe::{UNKNOWN_AT_FIRST, described};
use super::{job::Job, run, start, stopped};
use crate::model::Failure;

/// What is run where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOff<'a> {
    /// The cluster's name.
    pub cluster: &'a str,
    /// The service's name.
    pub service: &'a str,
    /// The container of its task whose command is replaced.
    pub container: &'a str,
    /// The command.
    pub command: &'a [String],
}

/// By this the tasks of such commands are known in the account.
const STARTED_BY: &str = "landfall-run";

/// Runs it and gives its exit code. Fails when it never ran.
pub(in super::super) async fn run_once(
    clients: &Clients,
    one: &OneOff<'_>,
    tell: &mut Tell<'_>,
) -> Result<i32, Failure> {
    let service = described(clients, one.cluster, one.service).await?;
    let revision = service
        .as_ref()
        .and_then(|service| service.task_definition());
    let Some(revision) = revision.filter(|revision| !revision.is_empty()) else {
        return Err(Failure::new(
            "the service says no task definition",
            format!(
                "running a command beside {} on the cluster {}",
                one.service, one.cluster
            ),
        )
        .why("It is not there, or its deployments are another program's.")
        .left_behind("Nothing was run."));
    };
    let job = Job {
        launch_type: None,
        cluster: one.cluster,
        task_definition: revision,
        container: one.container,
        command: one.command,
        token: STARTED_BY,
    };
    let task = start::start(clients, &job, service.as_ref()).await?;
    let followed = run::follow(clients, &job, task, UNKNOWN_AT_FIRST, tell).await;
    let (task, last_lines) = followed.map_err(|failure| {
        failure
            .left_behind("The task that was started may run on; its id is said above.")
            .help("Look at it in ECS and stop it there if need be; running the command again starts another one.")
    })?;
    match stopped::exit_code(&job, &task) {
        Some(code) => Ok(code),
        None => stopped::judge(&job, &task, last_lines).map(|()| 0),
    }
}
