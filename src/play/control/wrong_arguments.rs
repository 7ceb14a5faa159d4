//! The failure of a module that needs no host over its arguments.

use crate::{
    model::Failure,
    play::scope::{task_item::TaskItem, unresolved::Unresolved},
};

/// The failure of an argument that is missing or of the wrong kind.
pub fn wrong_arguments(task_item: &TaskItem<'_>, what: impl Into<String>) -> Unresolved {
    Unresolved::Failed(
        Failure::new("a module's arguments are wrong", what).at(&task_item.task.args_at),
    )
}
