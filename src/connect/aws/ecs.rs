//! ECS.

use super::Clients;
use crate::model::ecs::{EcsAnswer, EcsQuery};
use crate::model::ecs_action::EcsAction;
use crate::model::{Failure, Outcome, Progress};

/// The answer to a question to ECS.
pub(super) async fn ask(_: &Clients, query: &EcsQuery) -> Result<EcsAnswer, Failure> {
    Err(Failure::bug(format!("{query:?} has no answer")))
}

/// Performs an action in ECS.
pub(super) async fn act(_: &Clients, action: &EcsAction, _: &Progress) -> Result<Outcome, Failure> {
    Err(Failure::bug(format!("{action:?} cannot be performed")))
}
