//! Deleting a stack.

use super::super::{Clients, error::failed};
use super::{cause, deploy, events::Tail, seen, token};
use crate::model::{Class, Failure, Progress};

/// Deletes the stack of this id and waits until it is gone; one that is not there is no failure.
pub(super) async fn delete(
    clients: &Clients,
    name: &str,
    id: &str,
    progress: &Progress,
) -> Result<(), Failure> {
    if deploy::at_rest(clients, id, progress).await? == "DELETE_COMPLETE" {
        return Ok(());
    }
    let stack = seen::described(clients, id).await?;
    let protected = stack.and_then(|stack| stack.enable_termination_protection);
    if protected == Some(true) {
        return Err(refused(name));
    }
    let mut tail = Tail::from_now(clients, id).await?;
    clients
        .cloudformation
        .delete_stack()
        .stack_name(id)
        .client_request_token(token::fresh()?)
        .send()
        .await
        .map_err(failed(
            "cloudformation:DeleteStack",
            format!("deleting the stack {name}"),
        ))?;
    match deploy::follow(clients, &mut tail, name, progress)
        .await?
        .as_str()
    {
        "DELETE_COMPLETE" => Ok(()),
        status => Err(Failure::new(
            "the stack could not be deleted",
            format!("deleting the stack {name}"),
        )
        .why(cause::all(&tail.events).join("\n"))
        .left_behind(format!(
            "The stack is in {status} and keeps the resources named above; the others are gone."
        ))
        .help("Remove what these resources still hold or what still uses them, then run again.")),
    }
}

fn refused(name: &str) -> Failure {
    Failure::new(
        "the stack is protected from being deleted",
        format!("deleting the stack {name}"),
    )
    .class(Class::Refused)
    .left_behind("Nothing was changed.")
    .help(format!(
        "If it shall go: aws cloudformation update-termination-protection --no-enable-termination-protection \
         --stack-name {name}"
    ))
}
