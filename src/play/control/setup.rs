//! `setup`: gathers facts again.

use futures::FutureExt;

use crate::model::Map;
use crate::model::Query;
use crate::model::Value;
use crate::model::host::HostQuery;
use crate::play::result::flow::Lack;
use crate::play::result::task_result::TaskResult;
use crate::play::steps::walker::Walker;

/// Gathers all facts; a subset that was asked for is among them.
///
/// They are asked again only when something was done since.
pub async fn run(walker: &mut Walker) -> Result<TaskResult, Lack> {
    if walker.ahead.is_none() && walker.state.acted {
        walker.world.forget(&Query::Host(HostQuery::Facts));
        walker.state.acted = false;
    }
    let gathered = match walker.ahead.is_some() {
        // A look ahead does not wait; the facts that are there do for it.
        true => walker.gather().now_or_never().unwrap_or(Ok(())),
        false => walker.gather().await,
    };
    gathered?;
    let mut result = Map::new();
    let facts = (*walker.state.facts).clone();
    result.insert("ansible_facts".into(), Value::Object(facts));
    Ok(TaskResult::fine(result, false))
}
