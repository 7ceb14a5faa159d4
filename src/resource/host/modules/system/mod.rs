//! Modules about the host as a whole.

pub mod hostname;
pub mod ping;
pub mod reboot;
pub mod sysctl;
pub mod timezone;
