//! `fail`: ends the playbook, with a reason.

use crate::{
    model::{Failure, Map},
    plan::playbook::{taken::Taken, task::Doing, trouble::Lack},
};

/// What it takes.
pub(super) const ARGUMENTS: &[&str] = &["msg"];

/// Fails.
pub(super) fn run(doing: &Doing<'_>) -> Result<Taken, Lack> {
    let message = match doing.task.args.get("msg") {
        Some(message) => doing.view.text(message, &doing.task.args_at)?,
        None => "Failed as requested from task".to_owned(),
    };
    let mut result = Map::new();
    result.insert("msg".into(), message.clone().into());
    let failure = Failure::new("the playbook says that it failed", "")
        .why(message)
        .at(&doing.task.args_at);
    Ok(Taken::failed(result, failure))
}
