//! Why an operation on a stack failed: its first cause, not its last word.

use aws_sdk_cloudformation::types::StackEvent;

use super::super::Clients;
use super::events::own;

/// The resource that failed first, and why; where none did, what the stack says of itself. A nested stack is looked
/// into.
pub(super) async fn first(clients: &Clients, events: &[StackEvent]) -> Option<String> {
    let Some(cause) = earliest(events) else {
        return of_itself(events).map(sentence);
    };
    let mut cause = cause.clone();
    let mut path = String::new();
    // Nested stacks can be nested; CloudFormation itself ends far above this depth.
    for _ in 0..8 {
        let Some(inner) = nested(clients, &cause).await else {
            break;
        };
        path += cause.logical_resource_id.as_deref().unwrap_or("?");
        path += "/";
        cause = inner;
    }
    Some(format!("{path}{}", sentence(&cause)))
}

/// Every resource that failed, oldest first: each of those that could not be deleted matters. Where none did, what the
/// stack says of itself.
pub(super) fn all(events: &[StackEvent]) -> Vec<String> {
    let all: Vec<String> = failures(events).map(sentence).collect();
    if all.is_empty() {
        of_itself(events).map(sentence).into_iter().collect()
    } else {
        all
    }
}

/// The first reason that the stack itself gives for not going on: one that was refused as a whole, such as by hooks or
/// validation, has no resource that failed.
fn of_itself(events: &[StackEvent]) -> Option<&StackEvent> {
    events.iter().find(|event| {
        let status = event
            .resource_status
            .as_ref()
            .map_or("", |status| status.as_str());
        let reason = event.resource_status_reason.as_deref().unwrap_or_default();
        own(event)
            && !reason.is_empty()
            && (status.contains("FAILED") || status.contains("ROLLBACK"))
    })
}

fn earliest(events: &[StackEvent]) -> Option<&StackEvent> {
    failures(events).next()
}

/// CloudFormation cancels what was under way beside the one that failed: that is a consequence.
fn failures(events: &[StackEvent]) -> impl Iterator<Item = &StackEvent> {
    events.iter().filter(|event| {
        let status = event
            .resource_status
            .as_ref()
            .map_or("", |status| status.as_str());
        let reason = event.resource_status_reason.as_deref().unwrap_or_default();
        !own(event)
            && status.ends_with("_FAILED")
            && !matches!(
                reason.trim_end_matches('.').to_lowercase().as_str(),
                "resource creation cancelled"
                    | "resource update cancelled"
                    | "resource deletion cancelled"
            )
    })
}

/// The first cause inside the nested stack that this event is about.
async fn nested(clients: &Clients, event: &StackEvent) -> Option<StackEvent> {
    if event.resource_type.as_deref() != Some("AWS::CloudFormation::Stack") || own(event) {
        return None;
    }
    let id = event.physical_resource_id.as_deref()?;
    let mut pages = clients
        .cloudformation
        .describe_stack_events()
        .stack_name(id)
        .into_paginator()
        .send();
    let mut events = Vec::new();
    // What cannot be read leaves the outer event as the cause, which is true as well.
    while let Some(Ok(page)) = pages.next().await {
        events.extend(page.stack_events.unwrap_or_default());
    }
    events.reverse();
    let events = last_operation(&events);
    earliest(events).or_else(|| of_itself(events)).cloned()
}

/// A nested stack tells all its life, and an earlier failure is not the cause of this one.
fn last_operation(events: &[StackEvent]) -> &[StackEvent] {
    let begins = |event: &StackEvent| {
        let status = event
            .resource_status
            .as_ref()
            .map_or("", |status| status.as_str());
        let begin = [
            "CREATE_IN_PROGRESS",
            "UPDATE_IN_PROGRESS",
            "DELETE_IN_PROGRESS",
        ];
        own(event) && begin.contains(&status)
    };
    let from = events.iter().rposition(begins).unwrap_or_default();
    &events[from..]
}

fn sentence(event: &StackEvent) -> String {
    let resource = event.logical_resource_id.as_deref().unwrap_or("?");
    let kind = event.resource_type.as_deref().unwrap_or("?");
    let status = event
        .resource_status
        .as_ref()
        .map_or("?", |status| status.as_str());
    match event.resource_status_reason.as_deref() {
        Some(reason) if !reason.is_empty() => format!("{resource} ({kind}) {status}: {reason}"),
        _ => format!("{resource} ({kind}) {status}; no reason was given."),
    }
}
