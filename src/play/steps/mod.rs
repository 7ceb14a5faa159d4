//! The walk itself: plays, lists of steps, tasks, items, handlers.

pub mod deep;
pub mod handlers;
pub mod item;
pub mod look_ahead;
pub mod play;
pub mod playbook;
pub mod task;
pub mod walker;
