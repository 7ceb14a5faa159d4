//! What a stack is made of, asked in pages and down into nested stacks of which some may not be looked into.

use aws_sdk_cloudformation::{
    Client,
    operation::{get_template::GetTemplateOutput, list_stack_resources::ListStackResourcesOutput},
    types::{ResourceStatus, StackResourceSummary, TemplateStage},
};
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::DateTime;
use landfall::model::stack::{StackAnswer, StackPart, StackQuery};
use landfall::model::{Answer, Probe, Query};
use serde_json::json;

use crate::support::stubs::Stubs;

const ID: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/web/1";
const INNER: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/web-Inner/2";
const CLOSED: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/web-Closed/3";
const DENIED: &str = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not allowed</Message></Error>\
                      </ErrorResponse>";

fn resource(name: &str, kind: &str, physical: &str, status: &str) -> StackResourceSummary {
    StackResourceSummary::builder()
        .logical_resource_id(name)
        .resource_type(kind)
        .physical_resource_id(physical)
        .resource_status(ResourceStatus::from(status))
        .last_updated_timestamp(DateTime::from_secs(0))
        .build()
}

/// A resource a page.
fn list(id: &'static str, resources: Vec<StackResourceSummary>) -> Rule {
    mock!(Client::list_stack_resources)
        .match_requests(move |asked| asked.stack_name() == Some(id))
        .then_compute_output(move |asked| {
            let at: usize = asked.next_token().map_or(0, |token| token.parse().unwrap());
            ListStackResourcesOutput::builder()
                .set_stack_resource_summaries(resources.get(at).cloned().map(|one| vec![one]))
                .set_next_token((at + 1 < resources.len()).then(|| (at + 1).to_string()))
                .build()
        })
}

fn template(id: &'static str, text: &'static str) -> Rule {
    mock!(Client::get_template)
        .match_requests(move |asked| {
            asked.stack_name() == Some(id)
                && asked.template_stage() == Some(&TemplateStage::Processed)
        })
        .then_output(move || GetTemplateOutput::builder().template_body(text).build())
}

#[tokio::test]
async fn a_stack_is_listed_page_by_page_and_its_nested_stacks_are_entered_where_one_may() {
    let nested = "AWS::CloudFormation::Stack";
    let outer = vec![
        resource("Files", "AWS::S3::Bucket", "files", "CREATE_COMPLETE"),
        resource("Gone", "AWS::S3::Bucket", "gone", "DELETE_COMPLETE"),
        resource("Never", "AWS::S3::Bucket", "", "CREATE_FAILED"),
        resource("Inner", nested, INNER, "CREATE_COMPLETE"),
        resource("Closed", nested, CLOSED, "CREATE_COMPLETE"),
    ];
    let table = resource("Table", "AWS::DynamoDB::Table", "table", "UPDATE_COMPLETE");
    let denied = [
        mock!(Client::list_stack_resources)
            .match_requests(|asked| asked.stack_name() == Some(CLOSED))
            .sequence()
            .http_status(403, Some(DENIED.to_owned()))
            .build(),
        mock!(Client::get_template)
            .match_requests(|asked| asked.stack_name() == Some(CLOSED))
            .sequence()
            .http_status(403, Some(DENIED.to_owned()))
            .build(),
    ];
    let aws = Stubs {
        cloudformation: &[
            &list(ID, outer),
            &list(INNER, vec![table]),
            &template(ID, "outer"),
            &template(INNER, "inner"),
            &denied[0],
            &denied[1],
        ],
        ..Stubs::default()
    }
    .aws();
    let id = ID.to_owned();
    let answer = aws.ask(&Query::Stack(StackQuery::Parts { id })).await;
    let Answer::Stack(StackAnswer::Parts(parts)) = answer.unwrap() else {
        panic!("another answer");
    };
    let wanted: Vec<StackPart> = serde_json::from_value(json!([
        { "path": "", "template": "outer", "resources": {
            "Files": "AWS::S3::Bucket", "Inner": nested, "Closed": nested } },
        { "path": "Inner/", "template": "inner", "resources": { "Table": "AWS::DynamoDB::Table" } },
        { "path": "Closed/", "template": null, "resources": null },
    ]))
    .unwrap();
    assert_eq!(parts, wanted);
}
