//! CloudFormation.

mod cause;
mod change_set;
mod delete;
mod deploy;
mod events;
mod parts;
mod seen;
mod token;

use super::Clients;
use crate::model::stack::{StackAnswer, StackQuery};
use crate::model::stack_action::StackAction;
use crate::model::{Failure, Outcome, Progress};

/// The answer to a question to CloudFormation.
pub(super) async fn ask(clients: &Clients, query: &StackQuery) -> Result<StackAnswer, Failure> {
    match query {
        StackQuery::Stack { name } => seen::stack(clients, name).await.map(StackAnswer::Stack),
        StackQuery::Parts { id } => parts::parts(clients, id).await.map(StackAnswer::Parts),
    }
}

/// Performs an action in CloudFormation.
pub(super) async fn act(
    clients: &Clients,
    action: &StackAction,
    progress: &Progress,
) -> Result<Outcome, Failure> {
    match action {
        StackAction::Deploy(stack) => deploy::deploy(clients, stack, progress).await,
        StackAction::Delete { name, id } => delete::delete(clients, name, id, progress)
            .await
            .map(|()| Outcome::Done),
    }
}
