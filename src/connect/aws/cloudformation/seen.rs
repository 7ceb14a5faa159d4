//! A stack as it stands.

use aws_sdk_cloudformation::{
    error::ProvideErrorMetadata,
    operation::describe_stacks::DescribeStacksError,
    types::{Stack, Tag, TemplateStage},
};

use super::super::{
    Clients,
    error::{failed, given},
};
use super::token;
use crate::model::Failure;
use crate::model::stack::StackSeen;

/// The stack of this name with its template; none when it is not there.
pub(super) async fn stack(clients: &Clients, name: &str) -> Result<Option<StackSeen>, Failure> {
    let Some(mut stack) = described(clients, name).await? else {
        return Ok(None);
    };
    if status(Some(&stack)) == "REVIEW_IN_PROGRESS" && stack.tags().is_empty() {
        let id = stack.stack_id().unwrap_or(name);
        let tags = tags_in_review(clients, id).await?;
        stack.tags = Some(tags);
    }
    let answer = clients
        .cloudformation
        .get_template()
        .stack_name(name)
        .template_stage(TemplateStage::Original)
        .send()
        .await;
    let template = match answer {
        // Until its first change set is executed it may have none.
        Ok(answer) if status(Some(&stack)) == "REVIEW_IN_PROGRESS" => {
            answer.template_body.unwrap_or_default()
        }
        Ok(answer) => {
            let what = format!("reading the template of the stack {name}");
            given(answer.template_body, "TemplateBody", what)?
        }
        // A stack whose only change set was never executed has none yet.
        Err(error) if missing(error.code(), error.message()) => String::new(),
        Err(error) => {
            let what = format!("reading the template of the stack {name}");
            return Err(failed("cloudformation:GetTemplate", what)(error));
        }
    };
    Ok(Some(seen(stack, template)))
}

/// The tags that a stack gets by our change set, which nobody executed: until then the stack itself carries none.
async fn tags_in_review(clients: &Clients, stack: &str) -> Result<Vec<Tag>, Failure> {
    let what = || format!("looking for our change set in the stack {stack}");
    let mut pages = clients
        .cloudformation
        .list_change_sets()
        .stack_name(stack)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed("cloudformation:ListChangeSets", what()))?;
        let sets = page.summaries.unwrap_or_default().into_iter();
        let ours = |name: &String| name.starts_with(token::OURS);
        let Some(set) = sets.filter_map(|set| set.change_set_name).find(ours) else {
            continue;
        };
        let answer = clients
            .cloudformation
            .describe_change_set()
            .stack_name(stack)
            .change_set_name(set)
            .send()
            .await
            .map_err(failed("cloudformation:DescribeChangeSet", what()))?;
        return Ok(answer.tags.unwrap_or_default());
    }
    Ok(Vec::new())
}

/// The stack of this name or id without its template; none when it is not there.
pub(super) async fn described(clients: &Clients, name: &str) -> Result<Option<Stack>, Failure> {
    let answer = clients
        .cloudformation
        .describe_stacks()
        .stack_name(name)
        .send()
        .await;
    match answer {
        // One that is not there is an error of its own, so that a name that is known has exactly one stack.
        Ok(answer) => {
            let found = answer.stacks.unwrap_or_default().into_iter().next();
            given(found, "Stacks", format!("looking at the stack {name}")).map(Some)
        }
        Err(error) if missing(error.code(), error.message()) => Ok(None),
        Err(error) => {
            let what = format!("looking at the stack {name}");
            Err(failed::<DescribeStacksError>(
                "cloudformation:DescribeStacks",
                what,
            )(error))
        }
    }
}

/// Its status; `DELETE_COMPLETE` when it is not there.
pub(super) fn status(stack: Option<&Stack>) -> &str {
    stack
        .and_then(|stack| stack.stack_status.as_ref())
        .map_or("DELETE_COMPLETE", |status| status.as_str())
}

/// CloudFormation has one code for all that is wrong with a request; only the message tells that nothing is there.
pub(super) fn missing(code: Option<&str>, message: Option<&str>) -> bool {
    code == Some("ValidationError") && message.is_some_and(|text| text.contains("does not exist"))
}

fn seen(stack: Stack, template: String) -> StackSeen {
    let status = status(Some(&stack)).to_owned();
    let parameters = stack.parameters.unwrap_or_default().into_iter();
    let outputs = stack.outputs.unwrap_or_default().into_iter();
    let tags = stack.tags.unwrap_or_default().into_iter();
    StackSeen {
        id: stack.stack_id.unwrap_or_default(),
        status,
        reason: stack.stack_status_reason.filter(|text| !text.is_empty()),
        template,
        parameters: parameters
            .filter_map(|one| Some((one.parameter_key?, one.parameter_value?)))
            .collect(),
        outputs: outputs
            .filter_map(|one| Some((one.output_key?, one.output_value?)))
            .collect(),
        tags: tags
            .filter_map(|one| Some((one.key?, one.value?)))
            .collect(),
        protected: stack.enable_termination_protection.unwrap_or_default(),
    }
}
