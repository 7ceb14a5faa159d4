//! What becomes of a task: its result, its verdict, where the walk goes on.

pub mod flow;
pub mod judge;
pub mod recorder;
pub mod task_result;
