//! `meta`: where the walk goes on.

use super::{direction::Direction, wrong_arguments::wrong_arguments};
use crate::{
    model::{Map, Verdict},
    play::{
        result::{flow::Flow, task_result::TaskResult},
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

/// What it takes.
pub const ARGUMENTS: &[&str] = &["_raw_params"];

/// Does what the word says, or says where the walk goes. A word that means other hosts, or the connection, is refused.
pub fn run(run: &mut Run, task_item: &TaskItem<'_>) -> Result<Direction, Unresolved> {
    let word = match task_item.task.args.get("_raw_params") {
        Some(word) => task_item.scope.text(word, &task_item.task.args_at)?,
        None => {
            let what = "`meta` needs a word, for example `flush_handlers`.";
            return Err(wrong_arguments(task_item, what));
        }
    };
    let state = &mut run.scopes.state;
    match word.as_str() {
        "noop" | "refresh_inventory" | "reset_connection" => {}
        // It stands in an `always`, whose block has failed: the play goes on behind it.
        "clear_host_errors" => state.cleared = true,
        "flush_handlers" if state.flushing => {
            let what = "`flush_handlers` cannot be used as a handler.";
            return Err(wrong_arguments(task_item, what));
        }
        "flush_handlers" => return Ok(Direction::Flush),
        // What tasks set and registered are variables of the host, which stay.
        "clear_facts" => state.facts = Default::default(),
        "end_play" | "end_batch" => return Ok(Direction::Leave(Flow::EndPlay)),
        "end_host" => return Ok(Direction::Leave(Flow::EndHost)),
        other => {
            return Err(wrong_arguments(
                task_item,
                format!(
                    "`meta` knows flush_handlers, noop, end_play, end_host, clear_facts, clear_host_errors and \
                     reset_connection, but here is `{other}`."
                ),
            ));
        }
    }
    run.decided(task_item, Verdict::Unchanged);
    Ok(Direction::Done(TaskResult::fine(Map::new(), false)))
}
