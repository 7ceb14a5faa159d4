//! What a person is told of an event, on one line.

use super::effect::{present, sign};
use super::one_line;
use super::paint::Paint;
use crate::model::{Address, Event};

/// The line for an event that stays on the screen, folded where that is narrow; none for events that only move something.
pub(super) fn line(event: &Event, paint: Paint) -> Option<String> {
    told(event, paint).map(|line| paint.line(&line))
}

fn told(event: &Event, paint: Paint) -> Option<String> {
    let strong = |address: &Address| paint.strong(one_line(&address.to_string()));
    Some(match event {
        // What holds, or does not apply, is in the plan's count and in JSON; a person waits for what changes.
        Event::Started { .. } | Event::Decided { .. } | Event::Acted { .. } | Event::Mark(_) => {
            return None;
        }
        Event::Acting {
            address,
            task,
            change,
        } => {
            let (sign, doing) = (sign(change.effect, paint), present(change.effect));
            match task {
                Some(task) => format!("{sign} {}: {}", strong(address), one_line(task)),
                None => format!("{sign} {}: {doing}", strong(address)),
            }
        }
        Event::Said { address, line, .. } => {
            paint.quiet(format!("  {address}: {}", one_line(line.trim_end())))
        }
        Event::Tolerated {
            address,
            task,
            failure,
        } => {
            // Of what a program printed, the end says most.
            let why = failure.why.trim_end().lines().last();
            let why = why.unwrap_or(&failure.what);
            format!(
                "{} {}: {}: failed and was tolerated: {}: {}",
                paint.altered("!"),
                strong(address),
                one_line(task),
                failure.summary,
                one_line(why.trim())
            )
        }
        Event::Finished { changes: 0, .. } => return None,
        Event::Finished { address, changes } => {
            let plural = if *changes == 1 { "" } else { "s" };
            format!(
                "{} {}: done, {changes} change{plural}",
                paint.added("✓"),
                strong(address)
            )
        }
        Event::Failed { address, failure } => {
            format!(
                "{} {}: {}",
                paint.failed("✗"),
                strong(address),
                failure.summary
            )
        }
        Event::Blocked { address, by } => format!(
            "{} {}: not begun, because it needs {by}",
            paint.altered("-"),
            strong(address)
        ),
        Event::Stopping => {
            paint.altered("Stopping: what was begun is finished, nothing new is begun.")
        }
    })
}
