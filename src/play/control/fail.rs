//! `fail`: ends the playbook, with a reason.

use crate::{
    model::{Failure, Map},
    play::{
        result::task_result::TaskResult,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

/// What it takes.
pub const ARGUMENTS: &[&str] = &["msg"];

/// Fails.
pub fn run(task_item: &TaskItem<'_>) -> Result<TaskResult, Unresolved> {
    let message = match task_item.task.args.get("msg") {
        Some(message) => task_item.scope.text(message, &task_item.task.args_at)?,
        None => "Failed as requested from task".to_owned(),
    };
    let mut result = Map::new();
    result.insert("msg".into(), message.clone().into());
    let failure = Failure::new("the playbook says that it failed", "")
        .why(message)
        .at(&task_item.task.args_at);
    Ok(TaskResult::failed(result, failure))
}
