//! `debug`: says something.

use super::wrong_arguments::wrong_arguments;
use crate::{
    model::{Map, Value},
    play::{
        result::task_result::TaskResult,
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
    vars::Secrecy,
};

/// What it takes.
pub const ARGUMENTS: &[&str] = &["msg", "var", "verbosity"];

/// Says `msg`, or the name and value of `var`. What asks for more verbosity than none is not said.
pub fn run(run: &Run, task_item: &TaskItem<'_>) -> Result<TaskResult, Unresolved> {
    let at = &task_item.task.args_at;
    let args = &task_item.task.args;
    let verbosity = match args.get("verbosity") {
        Some(verbosity) => task_item.scope.text(verbosity, at)?,
        None => "0".to_owned(),
    };
    if verbosity != "0" {
        return Ok(TaskResult::skipped("Verbosity threshold not met."));
    }
    let mut result = Map::new();
    let said = match args.get("var") {
        Some(var) => {
            // Evaluated as it is written, and never what comes of it: that may be text from a host.
            let written = match var {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let name = written.trim();
            let name = match name.strip_prefix("{{") {
                Some(inner) => inner.strip_suffix("}}").unwrap_or(inner).trim(),
                None => name,
            };
            if name.contains("{{") || name.contains("{%") {
                return Err(wrong_arguments(
                    task_item,
                    "`var` names a variable, which a template does not make: say it by \
                     `msg: \"{{ lookup('vars', …) }}\"`.",
                ));
            }
            let value = task_item
                .scope
                .rendered(&Value::String(format!("{{{{ {name} }}}}")), at)?;
            let said = format!("{name}: {}", shown(task_item, &value));
            result.insert(name.to_owned(), value.0.unwrap_or(Value::Null));
            said
        }
        None => {
            let message = match args.get("msg") {
                Some(message) => task_item.scope.rendered(message, at)?,
                None => (Some("Hello world!".into()), Secrecy::Open),
            };
            let said = shown(task_item, &message);
            result.insert("msg".into(), message.0.unwrap_or(Value::Null));
            said
        }
    };
    if !task_item.keywords.no_log {
        for line in said.lines() {
            run.recorder.message(line);
        }
    }
    Ok(TaskResult::fine(result, false))
}

/// A value as it may be told: of a list or mapping without its secret parts, of a text without the secrets in it.
fn shown(task_item: &TaskItem<'_>, (value, secrecy): &(Option<Value>, Secrecy)) -> String {
    match value.as_ref().unwrap_or(&Value::Null) {
        Value::String(text) => task_item.scope.redactor().text(text),
        other => task_item.scope.known().text(&plain(&secrecy.hide(other))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => match other.to_string() {
            short if short.len() <= 100 => short,
            long => serde_json::to_string_pretty(other).unwrap_or(long),
        },
    }
}
