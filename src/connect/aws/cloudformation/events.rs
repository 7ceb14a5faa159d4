//! A stack's events, told as they happen: none is missed and none is told twice.

use std::collections::HashSet;

use aws_sdk_cloudformation::types::StackEvent;

use super::super::{Clients, error::failed};
use crate::model::{Failure, Progress};

/// What was told of a stack so far.
pub(super) struct Tail {
    /// The stack's id: its name would mean another stack once it is deleted.
    id: String,
    told: HashSet<String>,
    /// Everything that happened since [`Tail::from_now`], oldest first.
    pub(super) events: Vec<StackEvent>,
}

impl Tail {
    /// Begins with what happens from now on.
    pub(super) async fn from_now(clients: &Clients, id: &str) -> Result<Self, Failure> {
        let mut tail = Self {
            id: id.to_owned(),
            told: HashSet::new(),
            events: Vec::new(),
        };
        for event in tail.newest(clients).await? {
            tail.told.extend(event.event_id);
        }
        Ok(tail)
    }

    /// The stack's id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Tells what happened since the last time; gives the status that the stack as a whole came to rest in, if it did.
    pub(super) async fn follow(
        &mut self,
        clients: &Clients,
        progress: &Progress,
    ) -> Result<Followed, Failure> {
        let news = self.newest(clients).await?;
        let moved = !news.is_empty();
        for event in news.into_iter().rev() {
            progress.say(line(&event));
            self.told.extend(event.event_id.clone());
            self.events.push(event);
        }
        Ok(Followed {
            moved,
            rest: self.rest(),
        })
    }

    /// Events that were not told yet, newest first: pages are read until a known one comes.
    async fn newest(&self, clients: &Clients) -> Result<Vec<StackEvent>, Failure> {
        let mut news: Vec<StackEvent> = Vec::new();
        let mut fresh = HashSet::new();
        let mut pages = clients
            .cloudformation
            .describe_stack_events()
            .stack_name(&self.id)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed(
                "cloudformation:DescribeStackEvents",
                format!("reading the events of the stack {}", self.id),
            ))?;
            for event in page.stack_events.unwrap_or_default() {
                let id = event.event_id.clone().unwrap_or_default();
                if self.told.contains(&id) {
                    return Ok(news);
                }
                // While pages are read new events push old ones onto the next page.
                if fresh.insert(id) {
                    news.push(event);
                }
            }
        }
        Ok(news)
    }

    fn rest(&self) -> Option<String> {
        let last = self.events.iter().rev().find(|event| own(event))?;
        let status = last.resource_status.as_ref()?.as_str();
        (!status.ends_with("_IN_PROGRESS")).then(|| status.to_owned())
    }
}

/// What a look at the events gave.
pub(super) struct Followed {
    /// Whether anything happened.
    pub(super) moved: bool,
    /// The status that the whole stack came to rest in.
    pub(super) rest: Option<String>,
}

/// Whether it is about the stack itself.
pub(super) fn own(event: &StackEvent) -> bool {
    event.physical_resource_id.is_some() && event.physical_resource_id == event.stack_id
}

/// `LoadBalancer CREATE_FAILED the reason`.
fn line(event: &StackEvent) -> String {
    let resource = event.logical_resource_id.as_deref().unwrap_or("?");
    let status = event
        .resource_status
        .as_ref()
        .map_or("?", |status| status.as_str());
    match event.resource_status_reason.as_deref() {
        Some(reason) if !reason.is_empty() => format!("{resource} {status} {reason}"),
        _ => format!("{resource} {status}"),
    }
}
