//! `include_tasks`: the tasks of another file, chosen while the playbook runs.

use std::sync::Arc;

use super::{direction::Direction, wrong_arguments::wrong_arguments};
use crate::{
    model::{Value, playbook::Step},
    play::{
        files::task_files::named,
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

/// What it takes.
pub const ARGUMENTS: &[&str] = &["_raw_params", "file", "apply"];

/// Gives the steps of the file, which inherit what stands around the include and see its `vars` and loop variables.
pub fn run(run: &Run, task_item: &TaskItem<'_>) -> Result<Direction, Unresolved> {
    let at = &task_item.task.args_at;
    let Some(written) = named(task_item.task) else {
        return Err(wrong_arguments(
            task_item,
            "An include needs the name of a file.",
        ));
    };
    let name = task_item.scope.text(written, at)?;
    let file = run.files.find(&name, &task_item.frame.folder, at)?;
    if task_item.frame.depth > DEEPEST {
        let what = format!("Includes lie more than {DEEPEST} deep; does a file include itself?");
        return Err(wrong_arguments(task_item, what));
    }
    let has_blocks = file.steps.iter().any(|step| matches!(step, Step::Block(_)));
    if run.scopes.state.flushing && has_blocks {
        return Err(wrong_arguments(
            task_item,
            "A block cannot be used as a handler.",
        ));
    }
    let mut frame = task_item
        .around
        .within(&task_item.task.common.vars, &task_item.items, &file);
    if let Some(Value::Object(apply)) = task_item.task.args.get("apply") {
        frame.apply(apply, at);
    }
    Ok(Direction::Walk(file.steps, Arc::new(frame)))
}

/// How deep includes may lie in each other: deeper than any playbook seen, so that one that includes itself is told.
const DEEPEST: usize = 40;
