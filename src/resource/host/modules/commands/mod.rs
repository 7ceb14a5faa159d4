//! Modules that run what somebody wrote, and that wait.

pub mod command;
pub mod raw;
pub mod shell;
pub mod wait_for;
