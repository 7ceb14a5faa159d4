//! What a person is told of an event, on one line.

use super::effect::{LEFT_OUT, present, sign};
use super::failure;
use super::one_line;
use super::paint::Paint;
use crate::model::{Address, Class, Event, Failure, Kind};

/// The line for an event that stays on the screen, folded where that is narrow; none for events that only move something.
/// What a program printed stays on its line.
pub(super) fn line(event: &Event, paint: Paint) -> Option<String> {
    let line = told(event, paint)?;
    Some(match event {
        Event::Said { message: false, .. } => line,
        Event::Tolerated { failure, .. } if failure.quoted > 0 => line,
        Event::Failed { address, failure } if is_told_whole(address, failure) => {
            let details = failure::details(failure, paint);
            format!("{}\n{}", paint.line(&line), details.trim_end())
        }
        _ => paint.line(&line),
    })
}

/// Whether all of a failure is told when it happens: of a host that is not reached, which is left out from then on. Of
/// any other all is told at the end.
pub fn is_told_whole(address: &Address, failure: &Failure) -> bool {
    address.kind == Kind::Host && failure.class == Class::Unreachable
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
            paint.altered(LEFT_OUT),
            strong(address)
        ),
        Event::Stopping => {
            paint.altered("Stopping: what was begun is finished, nothing new is begun.")
        }
    })
}
