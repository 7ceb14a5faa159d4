//! `include_tasks`: the tasks of another file, chosen while the playbook runs.

use std::sync::Arc;

use super::wrong;
use crate::model::Value;
use crate::model::playbook::Step;
use crate::play::files::task_files::named;
use crate::play::result::flow::Flow;
use crate::play::result::flow::Lack;
use crate::play::result::flow::Stop;
use crate::play::result::task_result::TaskResult;
use crate::play::steps::task::Doing;
use crate::play::steps::walker::Walker;

/// What it takes.
pub const ARGUMENTS: &[&str] = &["_raw_params", "file", "apply"];

/// Walks the steps of the file, which inherit what stands around the include and see its `vars` and loop variables.
pub async fn run(walker: &mut Walker, doing: &Doing<'_>) -> Result<Result<TaskResult, Lack>, Stop> {
    let at = &doing.task.args_at;
    let Some(written) = named(doing.task) else {
        return Ok(Err(wrong(doing, "An include needs the name of a file.")));
    };
    let name = match doing.scope.text(written, at) {
        Ok(name) => name,
        Err(lack) => return Ok(Err(lack)),
    };
    let file = match walker.files.find(&name, &doing.frame.folder, at) {
        Ok(file) => file,
        Err(failure) => return Ok(Err(Lack::Failed(failure))),
    };
    if doing.frame.depth > DEEPEST {
        return Ok(Err(wrong(
            doing,
            format!("Includes lie more than {DEEPEST} deep; does a file include itself?"),
        )));
    }
    if walker.state.flushing && file.steps.iter().any(|step| matches!(step, Step::Block(_))) {
        return Ok(Err(wrong(doing, "A block cannot be used as a handler.")));
    }
    let mut frame = doing
        .around
        .within(&doing.task.common.vars, &doing.items, &file);
    if let Some(Value::Object(apply)) = doing.task.args.get("apply") {
        frame.apply(apply, at);
    }
    match walker.steps(file.steps, Arc::new(frame)).await? {
        Flow::Go => {}
        flow => walker.flow = flow,
    }
    Ok(Ok(TaskResult::fine(Default::default(), false)))
}

/// How deep includes may lie in each other: deeper than any playbook seen, so that one that includes itself is told.
const DEEPEST: usize = 40;
