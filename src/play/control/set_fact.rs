//! `set_fact`: sets variables.

use super::{argument_rules::misnamed, wrong_arguments::wrong_arguments};
use crate::{
    model::{Address, Map, Value},
    play::{
        result::task_result::TaskResult,
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
    vars::{Secrecy, Secrets},
};

/// Sets every argument as a variable of the host, over what blocks, tasks and the play say.
///
/// What depends on something that is not there yet is not known yet either; the others are set all the same.
pub fn run(run: &mut Run, task_item: &TaskItem<'_>) -> Result<TaskResult, Unresolved> {
    let mut facts = Map::new();
    let mut secret = Secrets::new();
    let mut missing: Option<Address> = None;
    let args = match task_item.task.args.get("_raw_params") {
        Some(raw) => match task_item.scope.rendered(raw, &task_item.task.args_at)? {
            (Some(Value::Object(args)), secrecy) => {
                // Rendered already: below, nothing tells any more that it came from a secret.
                secret.extend(args.keys().map(|name| (name.clone(), secrecy.part(name))));
                args
            }
            _ => {
                return Err(wrong_arguments(
                    task_item,
                    "`set_fact` takes names with values.",
                ));
            }
        },
        None => task_item.task.args.clone(),
    };
    for (name, written) in &args {
        if name == "cacheable" {
            continue;
        }
        let name = task_item
            .scope
            .text(&Value::String(name.clone()), &task_item.task.args_at)?;
        if let Some(failure) = misnamed(&name, &task_item.task.args_at) {
            return Err(Unresolved::Failed(failure));
        }
        match task_item.scope.rendered(written, &task_item.task.args_at) {
            Ok((Some(value), secrecy)) => {
                if !secrecy.is_open() {
                    secret.insert(name.clone(), secrecy);
                }
                facts.insert(name, value);
            }
            Ok((None, _)) => {}
            Err(Unresolved::Unknown(address)) => {
                run.scopes.state.set_unknown(&name, &address);
                missing = Some(address);
            }
            Err(unresolved) => return Err(unresolved),
        }
    }
    for (name, value) in &facts {
        let secrecy = if task_item.keywords.no_log {
            Secrecy::Secret
        } else {
            secret.remove(name).unwrap_or_default()
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
