//! An account's password: its hash, and whether `!` before it locks it.

use crate::model::host::Command;
use crate::model::host_action::HostAction;
use crate::model::{Content, Failure, Probe, Secret};

use crate::resource::host::ask;
use crate::resource::host::command_action::run_command;

/// A text with a colon or a line break would break the file it is written to; clear text would be stored as it is.
pub fn plausible(hash: &str) -> bool {
    let ends = ["!", "*", "!!", "*LK*", ""];
    let hashed = hash.trim_start_matches('!');
    ends.contains(&hash)
        || (!hashed.contains([':', '\n', ' ']) && (hashed.starts_with('$') || hashed.len() == 13))
}

/// The hash as `/etc/shadow` has it; only root may know.
pub async fn shadow(world: &dyn Probe, name: &str) -> Result<Option<Secret>, Failure> {
    let ran = ask::run(world, Command::new(["getent", "shadow", name])).await?;
    let hash = ran.out().split(':').nth(1).map(str::to_owned);
    Ok(hash.map(Secret::new))
}

/// Whether an account with the one password needs nothing to have the other: a lock is no part of it.
pub fn same(wanted: &Secret, is: &Secret) -> bool {
    let hash = |text: &Secret| text.expose().trim_start_matches('!').to_owned();
    if hash(wanted).is_empty() {
        // No password and a lock are not the same: with none, anybody gets in.
        wanted == is
    } else {
        hash(wanted) == hash(is)
    }
}

/// Sets it, and locks it where that is wanted. The hash travels by standard input: an argument would stand in the
/// process list.
pub fn set(name: &str, hash: &Secret, lock: Option<bool>) -> HostAction {
    let hash = hash.expose();
    let line = match lock {
        Some(true) => format!("{name}:!{}\n", hash.trim_start_matches('!')),
        _ => format!("{name}:{hash}\n"),
    };
    run_command(Command::new(["chpasswd", "-e"]).stdin(Content::secret(line)))
}
