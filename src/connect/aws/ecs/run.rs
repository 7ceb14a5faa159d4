//! A task that runs once: started, followed, judged by its container's exit code.

use aws_sdk_ecs::types::{LogDriver, Task};

use super::super::{
    Clients,
    error::{failed, given},
    logs::{Log, Said, Tell, one_line},
};
use super::{
    describe::UNKNOWN_AT_FIRST,
    job::{Job, what},
    start::start,
    stopped,
};
use crate::model::{Failure, Progress, arn};

/// Six hours at five seconds: migrations of large tables take hours.
const PAUSES: u32 = 4320;

/// Runs a task, tells its log, waits for its end. Fails unless the container ends with 0.
pub(super) async fn run(
    clients: &Clients,
    job: &Job<'_>,
    progress: &Progress,
) -> Result<(), Failure> {
    let mut tell = |said: Said<'_>| match said {
        Said::Line(line) => progress.say(one_line(line)),
        Said::Note(note) => progress.say(note),
    };
    let (task, last_lines) = match left_running(clients, job).await? {
        Some(arn) => {
            progress.say(format!(
                "{arn} still runs since an earlier run: following it"
            ));
            let task = described(clients, job, &arn).await?;
            let task = task.ok_or_else(|| gone(job, &arn))?;
            follow(clients, job, task, 0, &mut tell).await?
        }
        None => {
            let task = start(clients, job, None).await?;
            follow(clients, job, task, UNKNOWN_AT_FIRST, &mut tell).await?
        }
    };
    stopped::judge(job, &task, last_lines)
}

/// Follows a task until it has stopped; gives it as it is then, with the last lines of its log. So many times it may not be
/// known yet.
pub(super) async fn follow(
    clients: &Clients,
    job: &Job<'_>,
    mut task: Task,
    mut unknown: u32,
    tell: &mut Tell<'_>,
) -> Result<(Task, Vec<String>), Failure> {
    let arn = task.task_arn.clone().unwrap_or_default();
    let mut log = log(clients, job, &task, tell).await;
    let mut told = String::new();
    let mut backoff = clients.patience.following(PAUSES);
    loop {
        let status = task.last_status.clone().unwrap_or_default();
        if status != told {
            tell(Said::Note(&format!("{} {status}", arn::name(&arn))));
            told = status;
        }
        log.follow(clients, tell).await;
        if told == "STOPPED" {
            log.finish(clients, tell).await;
            return Ok((task, log.last_lines()));
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
async fn log(clients: &Clients, job: &Job<'_>, task: &Task, tell: &mut Tell<'_>) -> Log {
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
            tell(Said::Note(&format!(
                "its log cannot be followed: {}",
                failure.why
            )));
            return Log::none();
        }
    };
    let container = definition.as_ref().and_then(|definition| {
        let mut containers = definition.container_definitions().iter();
        containers.find(|one| one.name.as_deref() == Some(job.container))
    });
    let logs = container.and_then(|container| container.log_configuration());
    let Some(logs) = logs.filter(|logs| logs.log_driver == LogDriver::Awslogs) else {
        tell(Said::Note(
            "its log cannot be followed: it does not go to CloudWatch",
        ));
        return Log::none();
    };
    let option = |name: &str| logs.options().and_then(|options| options.get(name));
    match (option("awslogs-group"), option("awslogs-stream-prefix")) {
        (Some(group), Some(prefix)) => {
            let id = arn::name(task.task_arn.as_deref().unwrap_or_default());
            Log::new(group, &format!("{prefix}/{}/{id}", job.container))
        }
        _ => {
            tell(Said::Note(
                "its log cannot be followed: its log configuration names no stream prefix",
            ));
            Log::none()
        }
    }
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
