//! `setup`: gathers facts again.

use futures::FutureExt;

use crate::{
    model::{Map, Query, Value, host::HostQuery},
    play::{result::task_result::TaskResult, run::Run, scope::unresolved::Unresolved},
};

/// Gathers all facts; a subset that was asked for is among them.
///
/// They are asked again only when something was done since.
pub async fn run(run: &mut Run) -> Result<TaskResult, Unresolved> {
    if run.ahead.is_none() && run.scopes.state.acted {
        run.world.forget(&Query::Host(HostQuery::Facts));
        run.scopes.state.acted = false;
    }
    let gathered = if run.ahead.is_some() {
        // A look ahead does not wait; the facts that are there do for it.
        run.gather().now_or_never().unwrap_or(Ok(()))
    } else {
        run.gather().await
    };
    gathered?;
    let mut result = Map::new();
    let facts = (*run.scopes.state.facts).clone();
    result.insert("ansible_facts".into(), Value::Object(facts));
    Ok(TaskResult::fine(result, false))
}
