//! `debug`: says something.

use crate::{
    model::{Map, Value},
    plan::playbook::{taken::Taken, task::Doing, trouble::Lack, walker::Walker},
};

/// What it takes.
pub(super) const ARGUMENTS: &[&str] = &["msg", "var", "verbosity"];

/// Says `msg`, or the name and value of `var`. What asks for more verbosity than none is not said.
pub(super) fn run(walker: &Walker, doing: &Doing<'_>) -> Result<Taken, Lack> {
    let at = &doing.task.args_at;
    let args = &doing.task.args;
    let verbosity = match args.get("verbosity") {
        Some(verbosity) => doing.view.text(verbosity, at)?,
        None => "0".to_owned(),
    };
    if verbosity != "0" {
        return Ok(Taken::skipped("Verbosity threshold not met."));
    }
    let mut result = Map::new();
    let said = match args.get("var") {
        Some(var) => {
            let name = doing.view.text(var, at)?;
            let name = name
                .trim()
                .trim_start_matches("{{")
                .trim_end_matches("}}")
                .trim();
            let value = doing
                .view
                .value(&Value::String(format!("{{{{ {name} }}}}")), at)?;
            result.insert(name.to_owned(), value.clone());
            format!("{name}: {}", plain(&value))
        }
        None => {
            let message = match args.get("msg") {
                Some(message) => doing.view.value(message, at)?,
                None => "Hello world!".into(),
            };
            result.insert("msg".into(), message.clone());
            plain(&message)
        }
    };
    if !doing.settings.no_log {
        for line in said.lines() {
            walker.say(line);
        }
    }
    Ok(Taken::fine(result, false))
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
