//! The walk itself: plays, lists of steps, tasks, items, handlers.

pub mod ahead;
pub mod deep;
pub mod handlers;
pub mod item;
pub mod memory;
pub mod play;
pub mod task;
pub mod walker;
