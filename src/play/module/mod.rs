//! A task whose module speaks to the host: observe, decide, hand on.

pub mod act;
pub mod check_mode;
pub mod coming_packages;
pub mod on_host;
pub mod realize;
pub mod recording_probe;
pub mod supposed;
pub mod task_user;
