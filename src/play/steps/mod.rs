//! The walk itself: plays, lists of steps, tasks, items, handlers.

pub mod handlers;
pub mod item;
pub mod look_ahead;
pub mod play;
pub mod playbook;
pub mod stack_growth;
pub mod task;
pub mod walker;
