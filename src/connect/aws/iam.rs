//! IAM.

use super::Clients;
use crate::model::iam::{IamAnswer, IamQuery};
use crate::model::iam_action::IamAction;
use crate::model::{Failure, Outcome, Progress};

/// The answer to a question to IAM.
pub(super) async fn ask(clients: &Clients, query: &IamQuery) -> Result<IamAnswer, Failure> {
    match query {
        IamQuery::Caller => Ok(IamAnswer::Caller(clients.caller.clone())),
        _ => Err(Failure::bug(format!("{query:?} has no answer"))),
    }
}

/// Performs an action in IAM.
pub(super) async fn act(_: &Clients, action: &IamAction, _: &Progress) -> Result<Outcome, Failure> {
    Err(Failure::bug(format!("{action:?} cannot be performed")))
}
