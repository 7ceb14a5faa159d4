//! `meta`: where the walk goes on.

use super::{direction::Direction, wrong_arguments::wrong_arguments};
use crate::{
    model::{Change, Effect, Failure, Map, Verdict, host_action::HostAction},
    play::{
        result::{flow::Flow, task_result::TaskResult},
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

/// What it takes.
pub const ARGUMENTS: &[&str] = &["_raw_params"];

/// Does what the word says, or says where the walk goes. A word that means other hosts is refused.
pub async fn run(run: &mut Run, task_item: &TaskItem<'_>) -> Result<Direction, Unresolved> {
    let word = match task_item.task.args.get("_raw_params") {
        Some(word) => task_item.scope.text(word, &task_item.task.args_at)?,
        None => {
            let what = "`meta` needs a word, for example `flush_handlers`.";
            return Err(wrong_arguments(task_item, what));
        }
    };
    let state = &mut run.scopes.state;
    match word.as_str() {
        "noop" | "refresh_inventory" => {}
        "reset_connection" => log_in_anew(run, task_item).await?,
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

/// Logs in anew, unless nothing is really done. What is asked after it is asked over the new login.
async fn log_in_anew(run: &mut Run, task_item: &TaskItem<'_>) -> Result<(), Failure> {
    if run.supposes() || run.ahead.is_some() || task_item.keywords.check_mode == Some(true) {
        return Ok(());
    }
    let world = run.world.clone();
    let change = Change::new(Effect::Run).action(HostAction::Reconnect);
    run.hand_on_quietly(task_item, &world, &change, &change)
        .await
        .map(drop)
}
