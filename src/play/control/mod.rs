//! Modules that need no host: they set variables, judge, or say where the walk goes on.

mod assert;
mod debug;
pub mod direction;
pub mod dispatch;
mod fail;
mod include_tasks;
mod include_vars;
pub mod known;
mod meta;
mod pause;
mod set_fact;
mod setup;
mod wrong_arguments;
