//! What was decided over one task.

use serde::Serialize;

use crate::model::{Origin, Verdict};

/// The verdict over one task, or over one item of its loop.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskVerdict {
    /// The task's name; its module's where it has none.
    pub name: String,
    /// Where it was written.
    pub at: Origin,
    /// The item's label, for a task with a loop.
    pub item: Option<String>,
    /// What was decided. Of a `no_log` task it says nothing but the effect.
    pub verdict: Verdict,
}
