//! What several tests stand on.

pub mod acme;
pub mod apt;
pub mod canary;
pub mod cases;
pub mod connected;
pub mod decided;
pub mod executors;
pub mod fake;
pub mod http;
pub mod lab;
pub mod prepared;
pub mod project;
pub mod stores;
pub mod sts;
pub mod stubs;
