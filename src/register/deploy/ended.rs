//! How a deployment ends whose containers do not come up: what became of the release, and what is told of what it left.

use crate::backend::ReleaseState;
use crate::model::Failure;

/// What is left of a deployment of which a task failed that runs before it.
pub const TASKS_BEFORE: &str = "The containers are as they were; what the tasks changed stays, also what the last one did before it failed.";

/// The same of one that runs after it.
pub const TASK_AFTER: &str =
    "The new containers run; deploying the same again runs the task again.";

/// What is called so whose new containers are not up and well.
pub fn not_up(target: &str, why: impl std::fmt::Display) -> Failure {
    let doing = format!("deploying to `{target}`");
    Failure::new("the new containers do not come up", doing).quoting(why)
}

/// The images of before run again. What so many tasks did that had ended well stays.
pub fn brought_back(failure: Failure, tasks: usize) -> (ReleaseState, Failure) {
    let left = "The release before was brought back and runs. No volume was removed; what tasks or the new containers wrote into data stays.";
    let help = "Correct the image, and deploy it again.";
    (
        ReleaseState::RolledBack,
        failure.left_behind(left).help(help).made(tasks),
    )
}

/// Neither do they, for this reason.
pub fn not_brought_back(failure: Failure, why: &str, help: &str) -> (ReleaseState, Failure) {
    let left = match why == failure.why {
        true => "The release before could not be brought back, for the same reason.".to_owned(),
        false => format!("The release before could not be brought back: {why}"),
    };
    stays(failure, &left, help)
}

/// There are none of before.
pub fn nothing_before(failure: Failure) -> (ReleaseState, Failure) {
    let left =
        "Nothing ran before it that could be brought back; the new containers are as they are.";
    let help = "Correct the image or the compose file, and deploy again.";
    stays(failure, left, help)
}

/// Those of before are the same ones: something else is wrong, most likely with this compose file.
pub fn nothing_else(failure: Failure, file: &str) -> (ReleaseState, Failure) {
    let left = "The images are those from before, so that there is nothing to go back to; the containers are as they are.";
    let help = format!("Mend {file} on the host, or what it needs there, and deploy again.");
    stays(failure, left, &help)
}

fn stays(failure: Failure, left: &str, help: &str) -> (ReleaseState, Failure) {
    let failure = failure.left_behind(left).help(help).made(1);
    (ReleaseState::Failed, failure)
}
