//! `fail`: ends the playbook, with a reason.

use crate::{
    model::{Failure, Map},
    play::{
        result::task_result::TaskResult,
        scope::{doing::Doing, lack::Lack},
    },
};

/// What it takes.
pub const ARGUMENTS: &[&str] = &["msg"];

/// Fails.
pub fn run(doing: &Doing<'_>) -> Result<TaskResult, Lack> {
    let message = match doing.task.args.get("msg") {
        Some(message) => doing.scope.text(message, &doing.task.args_at)?,
        None => "Failed as requested from task".to_owned(),
    };
    let mut result = Map::new();
    result.insert("msg".into(), message.clone().into());
    let failure = Failure::new("the playbook says that it failed", "")
        .why(message)
        .at(&doing.task.args_at);
    Ok(TaskResult::failed(result, failure))
}
