//! Whether a task changed something, whether it failed, and what it registers.

use serde_json::json;

use crate::{
    model::{
        Action, Address, Change, Failure, Map, Outcome, Printed, Value, host::Ran,
        host_action::HostAction,
    },
    play::{
        result::task_result::{Ended, TaskResult},
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

/// What can be said of a change before it was made.
#[derive(Debug, Clone, Copy)]
pub enum Claimed {
    /// It counts as a change.
    Changes,
    /// It does not: `changed_when: false`.
    Never,
    /// `changed_when` asks the result, or the module does: an update of apt's lists alone.
    AskTheResult,
}

/// What can be said before it ran: `changed_when`, unless it asks the result; else what the module says.
pub fn claim(
    task_item: &TaskItem<'_>,
    change: &Change,
    host: &Address,
) -> Result<Claimed, Unresolved> {
    if task_item.task.changed_when.is_empty() {
        return Ok(if acts_only(change) {
            Claimed::Never
        } else if only_refreshes(change) {
            Claimed::AskTheResult
        } else {
            Claimed::Changes
        });
    }
    let task_scope = match &task_item.task.register {
        Some(name) => task_item.scope.without(name, host),
        None => task_item.scope.clone(),
    };
    match task_scope.all(&task_item.task.changed_when) {
        Ok(true) => Ok(Claimed::Changes),
        Ok(false) => Ok(Claimed::Never),
        Err(Unresolved::Unknown(_)) => Ok(Claimed::AskTheResult),
        Err(unresolved) => Err(unresolved),
    }
}

/// `changed_when` and `failed_when`, asked about the result of what was not skipped.
pub fn judge(task_item: &TaskItem<'_>, mut taken: TaskResult) -> Result<TaskResult, Unresolved> {
    if matches!(taken.ended, Ended::Skipped(_)) {
        return Ok(taken);
    }
    let tries = task_item
        .tries
        .map(|tries| ("attempts".to_owned(), Value::from(tries)));
    let seen = |taken: &TaskResult| match &task_item.task.register {
        Some(name) => {
            let mut result = taken.result.clone();
            result.extend(tries.clone());
            task_item.scope.with(name, Value::Object(result))
        }
        None => task_item.scope.clone(),
    };
    if !task_item.task.changed_when.is_empty() {
        match seen(&taken).all(&task_item.task.changed_when) {
            Ok(changed) => {
                taken.result.insert("changed".into(), changed.into());
            }
            Err(unresolved) => return broken(taken, "changed_when_result", unresolved),
        }
    }
    if !task_item.task.failed_when.is_empty() {
        let failed = match seen(&taken).all(&task_item.task.failed_when) {
            Ok(failed) => failed,
            Err(unresolved) => return broken(taken, "failed_when_result", unresolved),
        };
        taken.result.insert("failed".into(), Value::Bool(failed));
        taken
            .result
            .insert("failed_when_result".into(), Value::Bool(failed));
        taken.ended = match (failed, taken.ended) {
            (true, Ended::Failed(failure)) => Ended::Failed(failure),
            (true, _) => Ended::Failed(said(
                Failure::new(
                    "failed_when holds",
                    "The task's own `failed_when` says that it failed.",
                ),
                &taken.result,
            )),
            (false, Ended::Failed(_)) => Ended::Fine,
            (false, ended) => ended,
        };
    }
    Ok(taken)
}

/// The failure of a condition that cannot be evaluated: what the module gave stays, for a `rescue` to look at.
fn broken(
    mut taken: TaskResult,
    key: &str,
    unresolved: Unresolved,
) -> Result<TaskResult, Unresolved> {
    let Unresolved::Failed(failure) = unresolved else {
        return Err(unresolved);
    };
    let said = format!("Error while evaluating conditional: {}", failure.what);
    taken.result.insert(key.into(), said.into());
    taken.result.insert("failed".into(), true.into());
    taken.ended = Ended::Failed(failure);
    Ok(taken)
}

/// What a performed change registers, and whether its commands went well.
pub fn finished(change: &Change, outcomes: &[Outcome]) -> TaskResult {
    let mut result = object(change.result.clone());
    let mut failure = None;
    for (action, outcome) in change.actions.iter().zip(outcomes) {
        match outcome {
            Outcome::Gave(Value::Object(gave)) => result.extend(gave.clone()),
            // What a task registers may be shown, and has a name.
            Outcome::Done | Outcome::Held | Outcome::GaveSecret(_) | Outcome::Gave(_) => {}
            Outcome::Ran(ran) => {
                let judged = matches!(action, Action::Host(HostAction::Run { judge: false, .. }));
                if judged {
                    result.extend(printed(ran));
                }
                if judged && !ran.ok() {
                    failure = Some(said(
                        Failure::new(
                            "a command failed",
                            format!("It ended with exit code {}.", ran.rc),
                        ),
                        &result,
                    ));
                }
            }
        }
    }
    match failure {
        Some(failure) => {
            result.insert("changed".into(), Value::Bool(true));
            result.insert("msg".into(), "non-zero return code".into());
            TaskResult::failed(result, failure)
        }
        None => {
            let news = result.get("cache_updated") != Some(&Value::Bool(false));
            let changed = !acts_only(change) && (news || !only_refreshes(change));
            TaskResult::fine(result, changed)
        }
    }
}

/// Whether the module says itself that what it does changes nothing: `wait_for` acts, but only by waiting.
pub fn acts_only(change: &Change) -> bool {
    change.result.get("changed") == Some(&Value::Bool(false))
}

/// Whether all that it does is to let apt read its lists again, which is a change where something new comes, as in Ansible.
pub fn only_refreshes(change: &Change) -> bool {
    let refreshes =
        |action: &Action| matches!(action, Action::Host(action) if action.refreshes_lists());
    !change.actions.is_empty() && change.actions.iter().all(refreshes)
}

fn printed(ran: &Ran) -> Map {
    let (out, err) = (ran.out(), ran.err());
    let (out, err) = (
        out.trim_end_matches(['\r', '\n']),
        err.trim_end_matches(['\r', '\n']),
    );
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    object(json!({
        "rc": ran.rc, "stdout": out, "stderr": err, "stdout_lines": lines(out), "stderr_lines": lines(err),
    }))
}

/// The same failure with what the task's result says of it: of a command what it printed, else the module's message.
pub fn said(failure: Failure, result: &Map) -> Failure {
    let text = |name| {
        let text = result.get(name).and_then(Value::as_str);
        text.unwrap_or_default().as_bytes()
    };
    let rc = result.get("rc").and_then(Value::as_i64);
    let rc = rc.and_then(|rc| i32::try_from(rc).ok());
    let printed = Printed::new(rc.unwrap_or_default(), text("stdout"), text("stderr"));
    let message = || Printed::new(0, &[], text("msg")).end();
    let failure = match (printed.end(), message()) {
        (Some(said), _) => failure.quoting(said),
        (None, Some(message)) => failure.why(message),
        (None, None) => failure,
    };
    match rc {
        Some(_) => failure.printed(printed),
        None => failure,
    }
}

pub fn object(value: Value) -> Map {
    match value {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        other => {
            let mut map = Map::new();
            map.insert("value".into(), other);
            map
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Effect, host::Command};

    fn apt(words: &[&str]) -> Action {
        HostAction::Apt {
            command: Command::new(words.iter().copied()),
        }
        .into()
    }

    #[test]
    fn lists_alone_are_a_change_where_something_new_came() {
        let ran = || {
            Outcome::Ran(Ran {
                rc: 0,
                stdout: crate::model::Content::public(""),
                stderr: crate::model::Content::public(""),
            })
        };
        let same = || Outcome::Gave(json!({"cache_updated": false}));
        let update = apt(&["apt-get", "-q", "update"]);
        let alone = Change::new(Effect::Update)
            .action(update)
            .result(json!({"cache_updated": true}));
        assert!(finished(&alone, &[ran()]).changed());
        let taken = finished(&alone, &[same()]);
        assert!(!taken.changed());
        assert_eq!(taken.result["cache_updated"], json!(false));
        // What is installed from them counts by itself.
        let more = alone.action(apt(&["apt-get", "-y", "install", "hello"]));
        assert!(finished(&more, &[same(), ran()]).changed());
    }
}
