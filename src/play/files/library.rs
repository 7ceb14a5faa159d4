//! The task files beside a playbook.

use crate::model::{
    Failure,
    playbook::{Base, Step},
};

/// Reads the task files that a playbook includes.
pub trait Library: Send + Sync {
    /// The steps of a task file, by its path relative to the base.
    ///
    /// None when there is no such file; fails when it cannot be read or is not a list of tasks.
    fn tasks(&self, base: &Base, path: &str) -> Result<Option<Vec<Step>>, Failure>;
}
