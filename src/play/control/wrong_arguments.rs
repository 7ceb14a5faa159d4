//! The failure of a module that needs no host over its arguments.

use crate::{
    model::Failure,
    play::scope::{doing::Doing, lack::Lack},
};

/// The failure of an argument that is missing or of the wrong kind.
pub fn wrong_arguments(doing: &Doing<'_>, what: impl Into<String>) -> Lack {
    Lack::Failed(Failure::new("a module's arguments are wrong", what).at(&doing.task.args_at))
}
