//! Actions that run a program and fail when its exit code is not 0.

use crate::model::host::Command;
use crate::model::host_action::HostAction;

/// Runs this program with these arguments; fails when its exit code is not 0.
pub fn run<S: Into<String>>(argv: impl IntoIterator<Item = S>) -> HostAction {
    run_command(Command::new(argv))
}

/// Runs this command; fails when its exit code is not 0.
pub fn run_command(command: Command) -> HostAction {
    HostAction::Run {
        command,
        judge: true,
    }
}

/// Fails with the host's own words when nothing has this path: for what an earlier task may still bring.
pub fn must_exist(path: &str) -> HostAction {
    run(["stat", "--", path])
}
