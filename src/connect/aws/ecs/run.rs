//! A task that runs once: started, followed, judged by its container's exit code.

use aws_sdk_ecs::types::{ContainerOverride, Failure as Placement, LogDriver, Task, TaskOverride};

use super::super::{
    Clients,
    error::{failed, given},
    logs::Log,
};
use super::{
    describe::UNKNOWN_AT_FIRST,
    job::{Job, what},
    stopped,
};
use crate::model::{Failure, Progress};

/// Six hours at five seconds: migrations of large tables take hours.
const PAUSES: u32 = 4320;

/// Runs a task, tells its log, waits for its end. Fails unless the container ends with 0.
pub(super) async fn run(
    clients: &Clients,
    job: &Job<'_>,
    progress: &Progress,
) -> Result<(), Failure> {
    let mut unknown = UNKNOWN_AT_FIRST;
    let mut task = match left_running(clients, job).await? {
        Some(arn) => {
            progress.say(format!(
                "{arn} still runs since an earlier run: following it"
            ));
            unknown = 0;
            let task = described(clients, job, &arn).await?;
            task.ok_or_else(|| gone(job, &arn))?
        }
        None => start(clients, job).await?,
    };
    let arn = task.task_arn.clone().unwrap_or_default();
    let mut log = log(clients, job, &task, progress).await;
    let mut told = String::new();
    let mut backoff = clients.patience.following(PAUSES);
    loop {
        let status = task.last_status.clone().unwrap_or_default();
        if status != told {
            progress.say(format!("{} {status}", short(&arn)));
            told = status;
        }
        log.follow(clients, progress).await;
        if told == "STOPPED" {
            log.finish(clients, progress).await;
            return stopped::judge(job, &task, log.last_lines());
        }
        if !backoff.pause().await {
            return Err(endless(job, &arn));
        }
        match described(clients, job, &arn).await? {
            Some(seen) => (task, unknown) = (seen, 0),
            None if unknown > 0 => unknown -= 1,
            None => return Err(gone(job, &arn)),
        }
    }
}

/// A task with our token that has not ended. ECS takes no other filter beside `startedBy`, and by default gives tasks
/// that shall run (API reference, `ListTasks`).
async fn left_running(clients: &Clients, job: &Job<'_>) -> Result<Option<String>, Failure> {
    let what = format!(
        "looking for an unfinished task on the cluster {}",
        job.cluster
    );
    let answer = clients
        .ecs
        .list_tasks()
        .cluster(job.cluster)
        .started_by(job.token)
        .send()
        .await
        .map_err(failed("ecs:ListTasks", &what))?;
    let arns = given(answer.task_arns, "taskArns", what)?;
    Ok(arns.into_iter().next())
}

async fn start(clients: &Clients, job: &Job<'_>) -> Result<Task, Failure> {
    let replaced = ContainerOverride::builder()
        .name(job.container)
        .set_command(Some(job.command.to_vec()))
        .build();
    // The SDK gives each request a client token of its own, so that its retries start one task.
    let answer = clients
        .ecs
        .run_task()
        .cluster(job.cluster)
        .task_definition(job.task_definition)
        .started_by(job.token)
        .count(1)
        .overrides(
            TaskOverride::builder()
                .container_overrides(replaced)
                .build(),
        )
        .send()
        .await
        .map_err(failed("ecs:RunTask", what(job)))?;
    match answer.tasks.unwrap_or_default().into_iter().next() {
        Some(task) => Ok(task),
        None => Err(not_placed(job, answer.failures.unwrap_or_default())),
    }
}

async fn described(clients: &Clients, job: &Job<'_>, arn: &str) -> Result<Option<Task>, Failure> {
    let answer = clients
        .ecs
        .describe_tasks()
        .cluster(job.cluster)
        .tasks(arn)
        .send()
        .await
        .map_err(failed("ecs:DescribeTasks", format!("following {arn}")))?;
    let tasks = given(answer.tasks, "tasks", format!("following {arn}"))?;
    Ok(tasks.into_iter().next())
}

/// Where the container's output goes: only its task definition says so.
async fn log(clients: &Clients, job: &Job<'_>, task: &Task, progress: &Progress) -> Log {
    let answer = clients
        .ecs
        .describe_task_definition()
        .set_task_definition(task.task_definition_arn.clone())
        .send()
        .await;
    let definition = match answer {
        Ok(answer) => answer.task_definition,
        Err(error) => {
            let failure = failed("ecs:DescribeTaskDefinition", what(job))(error);
            progress.say(format!("its log cannot be followed: {}", failure.why));
            return Log::none();
        }
    };
    let container = definition.as_ref().and_then(|definition| {
        let mut containers = definition.container_definitions().iter();
        containers.find(|one| one.name.as_deref() == Some(job.container))
    });
    let logs = container.and_then(|container| container.log_configuration());
    let Some(logs) = logs.filter(|logs| logs.log_driver == LogDriver::Awslogs) else {
        progress.say("its log cannot be followed: it does not go to CloudWatch");
        return Log::none();
    };
    let option = |name: &str| logs.options().and_then(|options| options.get(name));
    match (option("awslogs-group"), option("awslogs-stream-prefix")) {
        (Some(group), Some(prefix)) => {
            let id = short(task.task_arn.as_deref().unwrap_or_default());
            Log::new(group, &format!("{prefix}/{}/{id}", job.container))
        }
        _ => {
            progress
                .say("its log cannot be followed: its log configuration names no stream prefix");
            Log::none()
        }
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

fn gone(job: &Job<'_>, arn: &str) -> Failure {
    Failure::new("the task is gone", what(job))
        .why(format!("ECS does not know {arn} any more."))
        .left_behind("Whether it ended well is not known.")
        .help("Look at its log, then run again.")
}

fn endless(job: &Job<'_>, arn: &str) -> Failure {
    Failure::new("the task does not end", what(job))
        .why("It still runs after six hours.")
        .left_behind(format!("{arn} runs on."))
        .help("Run again to follow it further, or stop it.")
}

/// A task's id, the last part of its ARN.
fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
