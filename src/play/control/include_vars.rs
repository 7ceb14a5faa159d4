//! `include_vars`: variables from a file.

use super::wrong_arguments::wrong_arguments;
use crate::{
    model::{Failure, Map, Value},
    play::{
        files::variables::variables,
        result::task_result::TaskResult,
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

/// What it takes.
pub const ARGUMENTS: &[&str] = &["_raw_params", "file", "name"];

/// Adds the variables of a file to those of the host; below `name` where that is given.
pub fn run(run: &mut Run, task_item: &TaskItem<'_>) -> Result<TaskResult, Unresolved> {
    let at = &task_item.task.args_at;
    let args = &task_item.task.args;
    let Some(file) = args.get("file").or_else(|| args.get("_raw_params")) else {
        return Err(wrong_arguments(
            task_item,
            "`include_vars` needs the name of a file.",
        ));
    };
    let file = task_item.scope.text(file, at)?;
    let Some(found) = run
        .scopes
        .search_path(task_item.frame)
        .find("vars", &file)?
    else {
        return Err(Unresolved::Failed(
            Failure::new(
                "a file of variables is not there",
                format!("`include_vars` names `{file}`."),
            )
            .at(at),
        ));
    };
    let mut read = variables(&found.path, &found.bytes, at)?;
    if let Some(name) = args.get("name") {
        let mut below = Map::new();
        below.insert(task_item.scope.text(name, at)?, Value::Object(read));
        read = below;
    }
    run.scopes.state.included.extend(read.clone());
    let mut result = Map::new();
    result.insert("ansible_facts".into(), Value::Object(read));
    Ok(TaskResult::fine(result, false))
}
