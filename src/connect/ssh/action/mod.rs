//! What can be done, and what the replies say. Actions of several exchanges stand in files of their own.

mod call;
mod download;
mod outcome;
mod reboot;
mod reconnect;

pub use call::call;
pub use download::download;
pub use outcome::{is_locked, outcome};
pub use reboot::reboot;
pub use reconnect::reconnect;
