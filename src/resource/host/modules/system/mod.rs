//! Modules about the host as a whole.

pub mod hostname;
pub mod reboot;
pub mod sysctl;
pub mod timezone;
