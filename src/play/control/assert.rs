//! `assert`: the playbook goes on only where all of this holds.

use serde_json::json;

use super::wrong_arguments::wrong_arguments;
use crate::{
    model::{Failure, Located, Map, Value},
    play::{
        result::task_result::TaskResult,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

/// What it takes.
pub const ARGUMENTS: &[&str] = &["that", "fail_msg", "msg", "success_msg", "quiet"];

/// Judges every condition of `that`.
pub fn run(task_item: &TaskItem<'_>) -> Result<TaskResult, Unresolved> {
    let at = &task_item.task.args_at;
    let conditions: Vec<Value> = match task_item.task.args.get("that") {
        Some(Value::Array(conditions)) => conditions.clone(),
        Some(Value::String(text)) if text.trim_start().starts_with("{{") => {
            match written(task_item, text) {
                Some(conditions) => conditions,
                None => judged(task_item, text)?,
            }
        }
        Some(one) => vec![one.clone()],
        None => return Err(wrong_arguments(task_item, "`assert` needs `that`.")),
    };
    for condition in conditions {
        let text = match &condition {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if task_item
            .scope
            .condition(&Located::new(condition, at.clone()))?
        {
            continue;
        }
        let message = ["fail_msg", "msg"]
            .iter()
            .find_map(|key| task_item.task.args.get(*key));
        let message = match message {
            Some(Value::Array(lines)) => lines
                .iter()
                .map(|line| task_item.scope.text(line, at))
                .collect::<Result<Vec<_>, _>>()?
                .join("\n"),
            Some(message) => task_item.scope.text(message, at)?,
            None => "Assertion failed".to_owned(),
        };
        let result = json!({ "assertion": text, "evaluated_to": false, "msg": message });
        let Value::Object(result) = result else {
            return Ok(TaskResult::fine(Map::new(), false));
        };
        let failure = Failure::new(
            "an assertion does not hold",
            format!("`{text}` does not hold."),
        )
        .why(message)
        .at(at);
        return Ok(TaskResult::failed(result, failure));
    }
    let mut result = Map::new();
    let message = match task_item.task.args.get("success_msg") {
        Some(message) => task_item.scope.text(message, at)?,
        None => "All assertions passed".to_owned(),
    };
    result.insert("msg".into(), message.into());
    Ok(TaskResult::fine(result, false))
}

/// The conditions that the user wrote in the list of this name, which is all that the template has.
fn written(task_item: &TaskItem<'_>, text: &str) -> Option<Vec<Value>> {
    let name = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let list = task_item.scope.scope.written(name)?;
    list.as_array().cloned()
}

/// What comes of a template: true or false, or several of these. Text is not evaluated once more, for it may be a host's.
fn judged(task_item: &TaskItem<'_>, text: &str) -> Result<Vec<Value>, Unresolved> {
    let at = &task_item.task.args_at;
    let found = match task_item.scope.value(&Value::String(text.to_owned()), at)? {
        Value::Array(found) => found,
        one => vec![one],
    };
    if found.iter().any(Value::is_string) {
        return Err(wrong_arguments(
            task_item,
            format!(
                "`{text}` came out as text, which is no condition: write the condition itself in `that`."
            ),
        ));
    }
    Ok(found)
}
