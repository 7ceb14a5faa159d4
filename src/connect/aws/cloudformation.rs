//! CloudFormation.

use super::Clients;
use crate::model::stack::{StackAnswer, StackQuery};
use crate::model::stack_action::StackAction;
use crate::model::{Failure, Outcome, Progress};

/// The answer to a question to CloudFormation.
pub(super) async fn ask(_: &Clients, query: &StackQuery) -> Result<StackAnswer, Failure> {
    Err(Failure::bug(format!("{query:?} has no answer")))
}

/// Performs an action in CloudFormation.
pub(super) async fn act(
    _: &Clients,
    action: &StackAction,
    _: &Progress,
) -> Result<Outcome, Failure> {
    Err(Failure::bug(format!("{action:?} cannot be performed")))
}
