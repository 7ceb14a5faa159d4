//! What several tests stand on.

pub mod lab;
pub mod stores;
