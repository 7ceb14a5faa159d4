//! What several tests stand on.

pub mod apt;
pub mod lab;
pub mod project;
pub mod stores;
