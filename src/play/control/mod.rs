//! Modules that need no host: they set variables, judge, or say where the walk goes on.

pub mod argument_rules;
mod assert;
mod debug;
pub mod direction;
pub mod dispatch;
mod fail;
mod include_tasks;
mod include_vars;
mod meta;
pub mod module_names;
mod pause;
mod set_fact;
mod setup;
mod wrong_arguments;
