//! The label by which the containers of a rehearsal are found again.

use crate::connect::process::Process;

/// The label's name. Its value says which process made the container.
pub const NAME: &str = "landfall.rehearsal";

/// The label of this process, `NAME=VALUE` as Docker takes it.
pub fn of_this_process() -> String {
    format!("{NAME}={}", Process::this())
}
