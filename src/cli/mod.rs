//! The door: one file a command.

pub mod targets;
