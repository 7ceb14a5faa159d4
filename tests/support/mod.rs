//! What several tests stand on.

pub mod apt;
pub mod canary;
pub mod decided;
pub mod executors;
pub mod fake;
pub mod lab;
pub mod project;
pub mod stores;
pub mod stubs;
