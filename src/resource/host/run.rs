//! Actions that run a program whose exit code is judged.

use crate::model::host::Command;
use crate::model::host_action::HostAction;

/// Runs this program with these arguments.
pub fn run<S: Into<String>>(argv: impl IntoIterator<Item = S>) -> HostAction {
    judged(Command::new(argv))
}

/// Runs this command.
pub fn judged(command: Command) -> HostAction {
    HostAction::Run {
        command,
        judge: true,
    }
}

/// Fails with the host's own words when nothing has this path: for what an earlier task may still bring.
pub fn must_exist(path: &str) -> HostAction {
    run(["stat", "--", path])
}
