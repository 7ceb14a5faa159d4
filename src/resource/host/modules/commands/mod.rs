//! Modules that run what somebody wrote, and that wait.

pub mod command;
pub mod wait_for;
