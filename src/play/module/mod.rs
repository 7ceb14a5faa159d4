//! A task whose module speaks to the host: observe, decide, hand on.

pub mod account;
pub mod act;
pub mod check_mode;
pub mod on_host;
pub mod packages;
pub mod realize;
pub mod recording_probe;
pub mod supposed;
