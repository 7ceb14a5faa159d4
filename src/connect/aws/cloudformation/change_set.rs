//! A change set: what would change, decided by CloudFormation, before anything does.
//!
//! Creating, waiting and deleting stand apart from executing, so that a plan can show a change set as well.

use aws_sdk_cloudformation::types::{Capability, ChangeSetStatus, ChangeSetType, Parameter, Tag};

use super::super::{
    Clients,
    error::{failed, given},
};
use super::seen;
use crate::model::stack_action::DeployStack;
use crate::model::{Class, Content, Failure};

/// Ten minutes: hundreds of resources take CloudFormation one or two.
const PAUSES: u32 = 120;

/// A change set that can be executed, or that found nothing to do.
pub(super) struct ChangeSet {
    /// Its own id.
    pub(super) id: String,
    /// Its stack's id.
    pub(super) stack: String,
    /// Whether it found nothing to do.
    pub(super) empty: bool,
}

/// Creates a change set and waits until CloudFormation has decided; a refused one is deleted again.
pub(super) async fn create(
    clients: &Clients,
    stack: &DeployStack,
    kind: ChangeSetType,
    token: &str,
) -> Result<ChangeSet, Failure> {
    let what = || format!("creating a change set for the stack {}", stack.name);
    let answer = request(clients, stack, kind.clone(), token)
        .send()
        .await
        .map_err(failed("cloudformation:CreateChangeSet", what()))
        // Whether a request that got no answer was taken is not known.
        .map_err(|failure| match failure.class {
            Class::Unreachable => failure,
            _ => failure.left_behind("Nothing was changed."),
        })?;
    let mut set = ChangeSet {
        id: given(answer.id, "Id", what())?,
        stack: given(answer.stack_id, "StackId", what())?,
        empty: false,
    };
    let mut backoff = clients.patience.following(PAUSES);
    loop {
        let answer = clients
            .cloudformation
            .describe_change_set()
            .change_set_name(&set.id)
            .send()
            .await
            .map_err(failed("cloudformation:DescribeChangeSet", what()))
            .map_err(|failure| failure.left_behind(not_executed(&set)))?;
        let reason = answer.status_reason.unwrap_or_default();
        match given(answer.status, "Status", what())? {
            ChangeSetStatus::CreateComplete => return Ok(set),
            ChangeSetStatus::Failed if nothing_differs(&reason) => {
                set.empty = true;
                return Ok(set);
            }
            ChangeSetStatus::Failed => {
                return Err(refused(clients, stack, &set, &kind, &reason).await);
            }
            _ => {}
        }
        if !backoff.pause().await {
            return Err(
                Failure::new("CloudFormation does not decide over the change set", what())
                    .why("It was neither ready nor refused after ten minutes.")
                    .left_behind(not_executed(&set))
                    .help("Look at it in the CloudFormation console, delete it, and run again."),
            );
        }
    }
}

/// What is left of one that nobody decided over.
fn not_executed(set: &ChangeSet) -> String {
    format!(
        "The change set {} was not executed: nothing else changed.",
        set.id
    )
}

/// Deletes a change set that will not be executed. What is left of it otherwise harms nothing.
pub(super) async fn discard(clients: &Clients, set: &ChangeSet) -> Result<(), Failure> {
    clients
        .cloudformation
        .delete_change_set()
        .change_set_name(&set.id)
        .send()
        .await
        .map(|_| ())
        .map_err(failed(
            "cloudformation:DeleteChangeSet",
            format!("deleting the change set {}", set.id),
        ))
}

fn request(
    clients: &Clients,
    stack: &DeployStack,
    kind: ChangeSetType,
    token: &str,
) -> aws_sdk_cloudformation::operation::create_change_set::builders::CreateChangeSetFluentBuilder {
    let parameters = stack.parameters.iter().map(|(name, value)| {
        Parameter::builder()
            .parameter_key(name)
            .parameter_value(text(value))
            .build()
    });
    let kept = stack.kept.iter().map(|name| {
        Parameter::builder()
            .parameter_key(name)
            .use_previous_value(true)
            .build()
    });
    let tags = stack
        .tags
        .iter()
        .map(|(name, value)| Tag::builder().key(name).value(value).build());
    let capabilities = stack.capabilities.iter();
    clients
        .cloudformation
        .create_change_set()
        .stack_name(&stack.name)
        .change_set_name(token)
        .client_token(token)
        .change_set_type(kind)
        .template_body(&stack.template)
        .set_parameters(Some(parameters.chain(kept).collect()))
        .set_capabilities(Some(
            capabilities
                .map(|name| Capability::from(name.as_str()))
                .collect(),
        ))
        .set_tags(Some(tags.collect()))
}

/// CloudFormation has two sentences for it, and no code (`DescribeChangeSet`, `StatusReason`).
fn nothing_differs(reason: &str) -> bool {
    reason.contains("didn't contain changes")
        || reason.contains("No updates are to be performed")
        || reason.contains("The submitted information didn't")
}

async fn refused(
    clients: &Clients,
    stack: &DeployStack,
    set: &ChangeSet,
    kind: &ChangeSetType,
    reason: &str,
) -> Failure {
    let failure = Failure::new(
        "CloudFormation refuses the change set",
        format!("deciding over the stack {}", stack.name),
    )
    .why(reason)
    .help("Correct the template or its parameters, then run again.");
    failure.left_behind(withdraw(clients, &stack.name, set, kind).await)
}

/// Takes back a change set that will not be executed, and with a stack's first one the empty stack that it made; gives
/// what is left all the same.
pub(super) async fn withdraw(
    clients: &Clients,
    stack: &str,
    set: &ChangeSet,
    kind: &ChangeSetType,
) -> String {
    if *kind != ChangeSetType::Create {
        return match discard(clients, set).await {
            Ok(()) => "Nothing was changed.".to_owned(),
            Err(_) => format!(
                "Nothing was changed; the change set {} is still listed.",
                set.id
            ),
        };
    }
    let remains = format!("The empty stack {stack} in REVIEW_IN_PROGRESS.");
    let Ok(seen) = seen::described(clients, &set.stack).await else {
        return remains;
    };
    match seen::status(seen.as_ref()) {
        "DELETE_COMPLETE" => return "Nothing was changed.".to_owned(),
        "REVIEW_IN_PROGRESS" => {}
        status => {
            return format!("The stack {stack} in {status}: something else is at work on it.");
        }
    }
    // With the stack its change sets go. They are not deleted before: by their tags the next run knows whose the stack
    // is, should this one be cut here.
    let request = clients.cloudformation.delete_stack();
    match request.stack_name(&set.stack).send().await {
        Ok(_) => "Nothing was changed.".to_owned(),
        Err(_) => remains,
    }
}

fn text(value: &Content) -> &str {
    // Parameters are made from text.
    value.text().unwrap_or_default()
}
