//! `meta`: where the walk goes on.

use super::wrong;
use crate::model::Map;
use crate::model::Verdict;
use crate::play::result::flow::Flow;
use crate::play::result::flow::Lack;
use crate::play::result::flow::Stop;
use crate::play::result::task_result::TaskResult;
use crate::play::steps::task::Doing;
use crate::play::steps::walker::Walker;

/// What it takes.
pub const ARGUMENTS: &[&str] = &["_raw_params"];

/// Does what the word says. A word that means other hosts, or the connection, is refused.
pub async fn run(walker: &mut Walker, doing: &Doing<'_>) -> Result<Result<TaskResult, Lack>, Stop> {
    let word = match doing.task.args.get("_raw_params") {
        Some(word) => doing.scope.text(word, &doing.task.args_at),
        None => Err(wrong(
            doing,
            "`meta` needs a word, for example `flush_handlers`.",
        )),
    };
    let word = match word {
        Ok(word) => word,
        Err(lack) => return Ok(Err(lack)),
    };
    match word.as_str() {
        "noop" | "refresh_inventory" | "reset_connection" => {}
        // It stands in an `always`, whose block has failed: the play goes on behind it.
        "clear_host_errors" => walker.state.cleared = true,
        "flush_handlers" if walker.state.flushing => {
            return Ok(Err(wrong(
                doing,
                "`flush_handlers` cannot be used as a handler.",
            )));
        }
        "flush_handlers" => walker.flow = walker.flush().await?,
        // What tasks set and registered are variables of the host, which stay.
        "clear_facts" => walker.state.facts = Default::default(),
        "end_play" | "end_batch" => walker.flow = Flow::EndPlay,
        "end_host" => walker.flow = Flow::EndHost,
        other => {
            return Ok(Err(wrong(
                doing,
                format!(
                    "`meta` knows flush_handlers, noop, end_play, end_host, clear_facts, clear_host_errors and \
                     reset_connection, but here is `{other}`."
                ),
            )));
        }
    }
    walker.decided(doing, Verdict::Unchanged);
    Ok(Ok(TaskResult::fine(Map::new(), false)))
}
