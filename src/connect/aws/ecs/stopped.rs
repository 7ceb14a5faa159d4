//! The judgement over a task that has ended.

use aws_sdk_ecs::types::{Container, Task};

use super::job::{Job, what};
use crate::model::Failure;

/// The container that the job is about.
fn container<'a>(job: &Job<'_>, task: &'a Task) -> Option<&'a Container> {
    let mut containers = task.containers().iter();
    containers.find(|one| one.name.as_deref() == Some(job.container))
}

/// With what its container ended; none when it never ran.
pub(super) fn exit_code(job: &Job<'_>, task: &Task) -> Option<i32> {
    container(job, task).and_then(|container| container.exit_code)
}

/// Nothing when the container ended with 0; else a failure with its last lines, or with why it never ran.
pub(super) fn judge(job: &Job<'_>, task: &Task, last_lines: Vec<String>) -> Result<(), Failure> {
    let container = container(job, task);
    let stopped = task.stopped_reason.clone().unwrap_or_default();
    match container.and_then(|container| container.exit_code) {
        Some(0) => Ok(()),
        Some(code) => Err(Failure::new("the task ended with an error", what(job))
            .quoting(ended(job, code, &last_lines))
            .left_behind("What it did before its end stays done.")
            .help(
                "Its whole log is in its CloudWatch log group. Correct the cause, then run again.",
            )),
        None => {
            let reason = container.and_then(|container| container.reason.clone());
            let reasons: Vec<String> = [Some(stopped), reason]
                .into_iter()
                .flatten()
                .filter(|reason| !reason.is_empty())
                .collect();
            let why = reasons.join("\n");
            let help = help(&why);
            Err(
                Failure::new("the task stopped before its container ran", what(job))
                    .why(why)
                    .left_behind("The command was not run.")
                    .help(help),
            )
        }
    }
}

fn ended(job: &Job<'_>, code: i32, last_lines: &[String]) -> String {
    let signal = match code {
        137 => " (killed: often more memory than its limit)",
        143 => " (asked to end)",
        _ => "",
    };
    let mut why = format!(
        "The container {} exited with {code}{signal}.",
        job.container
    );
    match last_lines {
        [] => why += " Its log is empty.",
        lines => {
            why += " Its last lines:";
            for line in lines {
                why += "\n";
                why += line;
            }
        }
    }
    why
}

fn help(why: &str) -> &'static str {
    if why.contains("CannotPullContainer") {
        "The image cannot be fetched: check its name and tag, the registry's credentials (ecs.config), and the way out."
    } else if why.contains("ResourceInitializationError") {
        "What the task needs before it starts is missing: check its log group, its secrets and its execution role."
    } else {
        "Correct the cause, then run again."
    }
}
