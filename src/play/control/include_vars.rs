//! `include_vars`: variables from a file.

use super::wrong_arguments::wrong_arguments;
use crate::{
    model::{Failure, Map, Value},
    play::{
        files::variables::variables,
        result::task_result::TaskResult,
        run::Run,
        scope::{doing::Doing, lack::Lack},
    },
};

/// What it takes.
pub const ARGUMENTS: &[&str] = &["_raw_params", "file", "name"];

/// Adds the variables of a file to those of the host; below `name` where that is given.
pub fn run(run: &mut Run, doing: &Doing<'_>) -> Result<TaskResult, Lack> {
    let at = &doing.task.args_at;
    let args = &doing.task.args;
    let Some(file) = args.get("file").or_else(|| args.get("_raw_params")) else {
        return Err(wrong_arguments(
            doing,
            "`include_vars` needs the name of a file.",
        ));
    };
    let file = doing.scope.text(file, at)?;
    let Some(found) = run.scopes.search_path(doing.frame).find("vars", &file)? else {
        return Err(Lack::Failed(
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
        below.insert(doing.scope.text(name, at)?, Value::Object(read));
        read = below;
    }
    run.scopes.state.included.extend(read.clone());
    let mut result = Map::new();
    result.insert("ansible_facts".into(), Value::Object(read));
    Ok(TaskResult::fine(result, false))
}
