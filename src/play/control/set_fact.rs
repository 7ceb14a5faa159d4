//! `set_fact`: sets variables.

use super::wrong_arguments::wrong_arguments;
use crate::{
    model::{Address, Map, Value},
    play::{
        result::task_result::TaskResult,
        run::Run,
        scope::{doing::Doing, lack::Lack},
    },
    vars::{Secrecy, Secrets},
};

/// Sets every argument as a variable of the host, over what blocks, tasks and the play say.
///
/// What depends on something that is not there yet is not known yet either; the others are set all the same.
pub fn run(run: &mut Run, doing: &Doing<'_>) -> Result<TaskResult, Lack> {
    let mut facts = Map::new();
    let mut secret = Secrets::new();
    let mut missing: Option<Address> = None;
    let args = match doing.task.args.get("_raw_params") {
        Some(raw) => match doing.scope.rendered(raw, &doing.task.args_at)? {
            (Some(Value::Object(args)), secrecy) => {
                // Rendered already: below, nothing tells any more that it came from a secret.
                secret.extend(args.keys().map(|name| (name.clone(), secrecy.part(name))));
                args
            }
            _ => {
                return Err(wrong_arguments(
                    doing,
                    "`set_fact` takes names with values.",
                ));
            }
        },
        None => doing.task.args.clone(),
    };
    for (name, written) in &args {
        if name == "cacheable" {
            continue;
        }
        let name = doing
            .scope
            .text(&Value::String(name.clone()), &doing.task.args_at)?;
        match doing.scope.rendered(written, &doing.task.args_at) {
            Ok((Some(value), secrecy)) => {
                if !secrecy.is_open() {
                    secret.insert(name.clone(), secrecy);
                }
                facts.insert(name, value);
            }
            Ok((None, _)) => {}
            Err(Lack::Unknown(address)) => {
                run.scopes.state.set_unknown(&name, &address);
                missing = Some(address);
            }
            Err(lack) => return Err(lack),
        }
    }
    for (name, value) in &facts {
        let secrecy = match doing.settings.no_log {
            true => Secrecy::Secret,
            false => secret.remove(name).unwrap_or_default(),
        };
        run.scopes.state.set(name, value.clone(), secrecy);
    }
    let mut result = Map::new();
    result.insert("ansible_facts".into(), Value::Object(facts));
    Ok(match missing {
        Some(address) => TaskResult::fine(result, false).partly(&["ansible_facts"], &address),
        None => TaskResult::fine(result, false),
    })
}
