//! What the reply to an action says.

use crate::connect::ssh::{exchange::frame::Reply, question::answer::ran};
use crate::model::{Failure, Outcome, Printed, host_action::HostAction};

/// The last line of an update of apt's lists that changed none of them (`prelude/actions.sh`).
const NOTHING_NEW: &[u8] = b"\nlandfall: nothing new\n";

/// What the reply to an action of one exchange says. Fails when the host could not do it.
pub fn outcome(action: &HostAction, reply: Reply) -> Result<Outcome, Failure> {
    let judge = !matches!(action, HostAction::Run { judge: false, .. });
    if reply.refused.is_some() || (judge && reply.rc != 0) {
        return Err(failed(action, &reply));
    }
    Ok(match action {
        HostAction::Apt { .. } if action.refreshes_lists() && reply.out.ends_with(NOTHING_NEW) => {
            Outcome::Gave(serde_json::json!({ "cache_updated": false }))
        }
        HostAction::Run { .. } | HostAction::Apt { .. } => Outcome::Ran(ran(reply)),
        HostAction::Write(_) | HostAction::Copy(_) if !reply.out.is_empty() => {
            let saved = String::from_utf8_lossy(&reply.out).into_owned();
            Outcome::Gave(serde_json::json!({ "backup_file": saved }))
        }
        _ => Outcome::Done,
    })
}

/// Whether a reply of apt or dpkg says that somebody else holds its lock, so that nothing was done.
pub fn is_locked(reply: &Reply) -> bool {
    let said = String::from_utf8_lossy(&reply.err);
    reply.rc != 0
        && [
            "Could not get lock",
            "Unable to lock",
            "is locked by ",
            "lock was locked by ",
        ]
        .iter()
        .any(|words| said.contains(words))
}

/// Why an action failed: what it was, what the host said, what was left.
fn failed(action: &HostAction, reply: &Reply) -> Failure {
    let (what, left) = match action {
        HostAction::Write(file) => (
            format!("Writing {}.", file.path),
            "The file is as it was.".to_owned(),
        ),
        HostAction::Copy(file) => (
            format!("Copying {} to {}.", file.source, file.path),
            "The file is as it was.".to_owned(),
        ),
        HostAction::Download(download) => (
            format!("Fetching {} to {}.", download.shown_url(), download.path),
            "The file is as it was.".to_owned(),
        ),
        HostAction::MakeDirectory { path, .. } => {
            (format!("Making the folder {path}."), String::new())
        }
        HostAction::Access { path, .. } => {
            (format!("Setting owner and mode of {path}."), String::new())
        }
        HostAction::Link { path, .. } | HostAction::HardLink { path, .. } => {
            (format!("Making the link {path}."), String::new())
        }
        HostAction::Touch { path, .. } => (format!("Touching {path}."), String::new()),
        HostAction::Remove { path } => (
            format!("Removing {path}."),
            "Some of it may be gone.".to_owned(),
        ),
        HostAction::Run { command, .. } | HostAction::Apt { command } => {
            let text = command
                .script
                .clone()
                .unwrap_or_else(|| command.argv.join(" "));
            (format!("Running `{text}`."), String::new())
        }
        HostAction::Reboot { .. } => ("Restarting the host.".to_owned(), String::new()),
        HostAction::Reconnect => ("Logging in anew.".to_owned(), String::new()),
        HostAction::Notify { handler, .. } | HostAction::Notified { handler, .. } => (
            format!("Noting down the handler `{handler}`."),
            String::new(),
        ),
    };
    let out = match action {
        HostAction::Run { .. } | HostAction::Apt { .. } => reply.out.as_slice(),
        _ => &[],
    };
    let mut printed = Printed::new(reply.rc, out, &reply.err);
    if let Some(refused) = &reply.refused {
        printed.stderr = [printed.stderr.trim(), refused]
            .join("\n")
            .trim()
            .to_owned();
    }
    Failure::new("the host could not do it", what)
        .quoting(printed.why())
        .left_behind(left)
        .printed(printed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::host::Command;

    #[test]
    fn a_failure_carries_all_that_was_printed_and_shows_the_end() {
        let upgrade = HostAction::Apt {
            command: Command::new(["apt-get", "upgrade"]),
        };
        let lines: String = (1..=300)
            .map(|line| format!("Unpacking {line}\n"))
            .collect();
        let reply = Reply {
            rc: 100,
            out: lines.clone().into_bytes(),
            err: b"E: broken\n".to_vec(),
            ..Reply::default()
        };
        let failure = failed(&upgrade, &reply);
        let start = "E: broken\nOn standard output it printed:\n(the last 20 of 300 lines)\nUnpacking 281\n";
        assert!(failure.why.starts_with(start), "{failure}");
        let (_, printed) = failure.apart();
        assert_eq!(printed.unwrap().stdout, lines);
    }
}
