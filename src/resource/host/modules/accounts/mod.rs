//! Modules about users and groups.

pub mod authorized_key;
pub mod group;
pub mod user;
