//! What a stack is made of: not what its template says but what stands, down into nested stacks.

use std::collections::{BTreeMap, HashSet, VecDeque};

use aws_sdk_cloudformation::{
    error::{ProvideErrorMetadata, SdkError},
    types::{StackResourceSummary, TemplateStage},
};

use super::super::{Clients, error::failed};
use super::seen;
use crate::model::Failure;
use crate::model::stack::StackPart;

/// The type of a resource that is a stack itself.
const STACK: &str = "AWS::CloudFormation::Stack";

/// The stack of this id and every stack nested in it, outer ones first.
///
/// What may not be looked at is told as unknown; fails where AWS could not be asked.
pub(super) async fn parts(clients: &Clients, id: &str) -> Result<Vec<StackPart>, Failure> {
    let mut parts = Vec::new();
    let mut waiting = VecDeque::from([(String::new(), id.to_owned())]);
    let mut entered = HashSet::new();
    while let Some((path, id)) = waiting.pop_front() {
        if !entered.insert(id.clone()) {
            continue;
        }
        let (resources, template) = tokio::join!(resources(clients, &id), template(clients, &id));
        let resources = resources?;
        for one in resources.iter().flatten() {
            if let (Some(STACK), Some(name), Some(inner)) = (
                one.resource_type(),
                one.logical_resource_id(),
                one.physical_resource_id(),
            ) {
                waiting.push_back((format!("{path}{name}/"), inner.to_owned()));
            }
        }
        parts.push(StackPart {
            path,
            template: template?,
            resources: resources.map(types),
        });
    }
    Ok(parts)
}

/// The resources that stand; none where they may not be listed.
async fn resources(
    clients: &Clients,
    id: &str,
) -> Result<Option<Vec<StackResourceSummary>>, Failure> {
    let mut pages = clients
        .cloudformation
        .list_stack_resources()
        .stack_name(id)
        .into_paginator()
        .send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => all.extend(page.stack_resource_summaries.unwrap_or_default()),
            Err(error) if closed(&error) => return Ok(None),
            Err(error) => {
                let what = format!("listing the resources of the stack {id}");
                return Err(failed("cloudformation:ListStackResources", what)(error));
            }
        }
    }
    all.retain(stands);
    Ok(Some(all))
}

/// The template after macros, whose deletion policies are those that count; none where it may not be read.
async fn template(clients: &Clients, id: &str) -> Result<Option<String>, Failure> {
    let answer = clients
        .cloudformation
        .get_template()
        .stack_name(id)
        .template_stage(TemplateStage::Processed)
        .send()
        .await;
    match answer {
        Ok(answer) => Ok(answer.template_body),
        Err(error) if closed(&error) => Ok(None),
        Err(error) => {
            let what = format!("reading the template of the stack {id}");
            Err(failed("cloudformation:GetTemplate", what)(error))
        }
    }
}

/// Whether the answer is that we may not look, or that nothing is there any more: asking again gives no other.
fn closed<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    matches!(
        error.code(),
        Some("AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "Forbidden")
    ) || seen::missing(error.code(), error.message())
}

/// What was never made, or is gone, holds nothing.
fn stands(one: &StackResourceSummary) -> bool {
    let status = one.resource_status().map_or("", |status| status.as_str());
    let made = one.physical_resource_id().is_some_and(|id| !id.is_empty());
    made && !matches!(status, "DELETE_COMPLETE" | "DELETE_SKIPPED")
}

fn types(resources: Vec<StackResourceSummary>) -> BTreeMap<String, String> {
    let pairs = resources.into_iter();
    pairs
        .filter_map(|one| Some((one.logical_resource_id?, one.resource_type?)))
        .collect()
}
