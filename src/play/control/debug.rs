//! `debug`: says something.

use crate::{
    model::{Map, Value},
    play::{
        result::task_result::TaskResult,
        run::Run,
        scope::{doing::Doing, lack::Lack},
    },
    vars::Secrecy,
};

/// What it takes.
pub const ARGUMENTS: &[&str] = &["msg", "var", "verbosity"];

/// Says `msg`, or the name and value of `var`. What asks for more verbosity than none is not said.
pub fn run(run: &Run, doing: &Doing<'_>) -> Result<TaskResult, Lack> {
    let at = &doing.task.args_at;
    let args = &doing.task.args;
    let verbosity = match args.get("verbosity") {
        Some(verbosity) => doing.scope.text(verbosity, at)?,
        None => "0".to_owned(),
    };
    if verbosity != "0" {
        return Ok(TaskResult::skipped("Verbosity threshold not met."));
    }
    let mut result = Map::new();
    let said = match args.get("var") {
        Some(var) => {
            let name = doing.scope.text(var, at)?;
            let name = name
                .trim()
                .trim_start_matches("{{")
                .trim_end_matches("}}")
                .trim();
            let value = doing
                .scope
                .rendered(&Value::String(format!("{{{{ {name} }}}}")), at)?;
            let said = format!("{name}: {}", shown(doing, &value));
            result.insert(name.to_owned(), value.0.unwrap_or(Value::Null));
            said
        }
        None => {
            let message = match args.get("msg") {
                Some(message) => doing.scope.rendered(message, at)?,
                None => (Some("Hello world!".into()), Secrecy::Open),
            };
            let said = shown(doing, &message);
            result.insert("msg".into(), message.0.unwrap_or(Value::Null));
            said
        }
    };
    if !doing.settings.no_log {
        for line in said.lines() {
            run.recorder.say(line);
        }
    }
    Ok(TaskResult::fine(result, false))
}

/// A value as it may be told: of a list or mapping without its secret parts, of a text without the secrets in it.
fn shown(doing: &Doing<'_>, (value, secrecy): &(Option<Value>, Secrecy)) -> String {
    match value.as_ref().unwrap_or(&Value::Null) {
        Value::String(text) => doing.scope.redactor().text(text),
        other => doing.scope.known().text(&plain(&secrecy.hide(other))),
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
