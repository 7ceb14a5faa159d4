//! Creating or updating a stack.

use aws_sdk_cloudformation::types::ChangeSetType;

use super::super::{Clients, error::failed};
use super::change_set::{self, ChangeSet};
use super::{cause, events::Tail, seen, token};
use crate::model::stack_action::DeployStack;
use crate::model::{Class, Failure, Outcome, Progress, Value};

/// Three hours at five seconds: a database takes half an hour, and CloudFormation's own longest waits are this long.
const PAUSES: u32 = 2160;

/// Creates or updates a stack by a change set and waits until it stands; gives its id, or that nothing had to be done.
pub(super) async fn deploy(
    clients: &Clients,
    stack: &DeployStack,
    progress: &Progress,
) -> Result<Outcome, Failure> {
    let kind = kind(&at_rest(clients, &stack.name, progress).await?, stack)?;
    let token = token::fresh()?;
    let set = change_set::create(clients, stack, kind.clone(), &token).await?;
    if set.empty {
        progress.say(format!(
            "{}: CloudFormation finds nothing to change",
            stack.name
        ));
        change_set::discard(clients, &set).await?;
        return Ok(Outcome::Held);
    }
    let mut tail = match begin(clients, stack, &set, &token).await {
        // Whether a request that got no answer was taken is not known: what it may have begun is not touched.
        Err(failure) if failure.class != Class::Unreachable => {
            let left = change_set::withdraw(clients, &stack.name, &set, &kind).await;
            return Err(failure.left_behind(left));
        }
        begun => begun?,
    };
    let status = follow(clients, &mut tail, &stack.name, progress).await?;
    match status.as_str() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" => Ok(Outcome::Gave(Value::from(set.stack))),
        _ => {
            let why = cause::first(clients, &tail.events).await;
            Err(explained(&stack.name, &kind, &status, why))
        }
    }
}

/// Executes a change set; gives the tail of what happens from then on.
async fn begin(
    clients: &Clients,
    stack: &DeployStack,
    set: &ChangeSet,
    token: &str,
) -> Result<Tail, Failure> {
    let tail = Tail::from_now(clients, &set.stack).await?;
    clients
        .cloudformation
        .execute_change_set()
        .change_set_name(&set.id)
        .client_request_token(token)
        .send()
        .await
        .map_err(failed(
            "cloudformation:ExecuteChangeSet",
            format!("executing the change set of the stack {}", stack.name),
        ))?;
    Ok(tail)
}

/// Waits for an operation that is under way; gives the status the stack rests in.
pub(super) async fn at_rest(
    clients: &Clients,
    name: &str,
    progress: &Progress,
) -> Result<String, Failure> {
    let mut backoff = clients.patience.following(PAUSES);
    let mut said = false;
    loop {
        let stack = seen::described(clients, name).await?;
        let status = seen::status(stack.as_ref()).to_owned();
        // A change set that nobody executed: nothing is under way.
        if !status.ends_with("_IN_PROGRESS") || status == "REVIEW_IN_PROGRESS" {
            return Ok(status);
        }
        if !said {
            progress.say(format!("{name} is in {status}: waiting for its end"));
            said = true;
        }
        if !backoff.pause().await {
            return Err(endless(name, &status));
        }
    }
}

/// Tells events until the stack comes to rest; gives the status it rests in.
pub(super) async fn follow(
    clients: &Clients,
    tail: &mut Tail,
    name: &str,
    progress: &Progress,
) -> Result<String, Failure> {
    let mut backoff = clients.patience.following(PAUSES);
    loop {
        let followed = tail.follow(clients, progress).await?;
        if let Some(status) = followed.rest {
            return Ok(status);
        }
        if followed.moved {
            backoff.restart();
        } else if deleted(clients, tail.id()).await? {
            return Ok("DELETE_COMPLETE".to_owned());
        }
        if !backoff.pause().await {
            return Err(endless(name, "an operation that does not end"));
        }
    }
}

/// An empty stack is deleted without an event.
async fn deleted(clients: &Clients, id: &str) -> Result<bool, Failure> {
    let stack = seen::described(clients, id).await?;
    Ok(seen::status(stack.as_ref()) == "DELETE_COMPLETE")
}

fn kind(status: &str, stack: &DeployStack) -> Result<ChangeSetType, Failure> {
    match status {
        "DELETE_COMPLETE" | "REVIEW_IN_PROGRESS" if !stack.kept.is_empty() => Err(gone(stack)),
        "DELETE_COMPLETE" | "REVIEW_IN_PROGRESS" => Ok(ChangeSetType::Create),
        "CREATE_COMPLETE"
        | "UPDATE_COMPLETE"
        | "UPDATE_FAILED"
        | "UPDATE_ROLLBACK_COMPLETE"
        | "IMPORT_COMPLETE"
        | "IMPORT_ROLLBACK_COMPLETE" => Ok(ChangeSetType::Update),
        _ => Err(Failure::new(
            "the stack cannot be updated in its state",
            format!("deploying the stack {}", stack.name),
        )
        .class(Class::Stale)
        .why(format!("It is in {status} since it was looked at."))
        .left_behind("Nothing was changed by this run.")
        .help("Run again: the plan will say what this state asks for.")),
    }
}

/// A new stack would have the template's default for a secret that was to be kept, and nobody was told so.
fn gone(stack: &DeployStack) -> Failure {
    Failure::new(
        "the stack is gone",
        format!("deploying the stack {}", stack.name),
    )
    .class(Class::Stale)
    .why(format!(
        "It stood when it was looked at, and was to keep its value of {}.",
        stack.kept.join(", ")
    ))
    .left_behind("Nothing was changed by this run.")
    .help("Run again: the plan will say what a new stack has instead.")
}

fn explained(name: &str, kind: &ChangeSetType, status: &str, why: Option<String>) -> Failure {
    let (summary, doing) = match kind {
        ChangeSetType::Create => ("the stack could not be created", "creating"),
        _ => ("the stack could not be updated", "updating"),
    };
    let failure = Failure::new(summary, format!("{doing} the stack {name}"))
        .why(why.unwrap_or_else(|| format!("No event says why; it is in {status}.")));
    match status {
        "ROLLBACK_COMPLETE" => failure
            .left_behind("CloudFormation took back what it had made; the empty stack remains in ROLLBACK_COMPLETE.")
            .help("Correct the cause and run again: the empty stack is then deleted and made anew."),
        "DELETE_COMPLETE" => failure
            .left_behind("CloudFormation took back what it had made; nothing remains.")
            .help("Correct the cause and run again."),
        "UPDATE_ROLLBACK_COMPLETE" => failure
            .left_behind("CloudFormation took the update back; the stack stands as before.")
            .help("Correct the cause and run again."),
        "UPDATE_ROLLBACK_FAILED" => failure
            .left_behind("The update could not be taken back: the stack is in UPDATE_ROLLBACK_FAILED, between old and new.")
            .help(format!(
                "Remove what keeps it from going back, then run `aws cloudformation continue-update-rollback \
                 --stack-name {name}`, and run again."
            )),
        _ => failure
            .left_behind(format!("The stack is in {status} and keeps what was made so far."))
            .help("Correct the cause and run again."),
    }
}

fn endless(name: &str, state: &str) -> Failure {
    Failure::new(
        "the stack does not come to rest",
        format!("waiting for the stack {name}"),
    )
    .why(format!("After three hours it is still in {state}."))
    .left_behind("CloudFormation goes on with it.")
    .help("Look at its events in the CloudFormation console; run again when it has ended.")
}
