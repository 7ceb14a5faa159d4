//! `pause`: waits.

use std::time::Duration;

use super::wrong_arguments::wrong_arguments;
use crate::{
    model::{Located, Map},
    play::{
        result::task_result::TaskResult,
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

/// What it takes.
pub const ARGUMENTS: &[&str] = &["seconds", "minutes", "prompt", "echo"];

/// Waits so many seconds or minutes, unless nothing is really done. A question to a person is refused: nobody may sit
/// there.
pub async fn run(run: &Run, task_item: &TaskItem<'_>) -> Result<TaskResult, Unresolved> {
    let args = &task_item.task.args;
    let length = |name: &str, unit: f64| match args.get(name) {
        Some(written) => task_item
            .scope
            .number(&Located::new(
                written.clone(),
                task_item.task.args_at.clone(),
            ))
            .map(|number| Some(number * unit)),
        None => Ok(None),
    };
    let seconds = match length("seconds", 1.0)? {
        Some(seconds) => Some(seconds),
        None => length("minutes", 60.0)?,
    };
    let Some(seconds) = seconds else {
        return Err(wrong_arguments(
            task_item,
            "`pause` needs `seconds` or `minutes`; it cannot wait for somebody to press a key.",
        ));
    };
    if !run.supposes() {
        run.wait(Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0)))
            .await;
        // A shorter pause is none: what comes after it is not ready.
        if let Some(failure) = run.interrupted() {
            return Ok(TaskResult::failed(Map::new(), failure));
        }
        // Who waits expects the world to move meanwhile.
        run.world.forget_all();
    }
    let mut result = Map::new();
    result.insert("delta".into(), (seconds as i64).into());
    Ok(TaskResult::fine(result, false))
}
