//! CloudFormation with answers that no emulator gives: pages, throttling, nested stacks, resources that stay.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::{
    Client,
    error::ErrorMetadata,
    operation::{
        create_change_set::{CreateChangeSetError, CreateChangeSetOutput},
        delete_change_set::DeleteChangeSetOutput,
        delete_stack::DeleteStackOutput,
        describe_change_set::DescribeChangeSetOutput,
        describe_stack_events::DescribeStackEventsOutput,
        describe_stacks::DescribeStacksOutput,
        execute_change_set::ExecuteChangeSetOutput,
    },
    types::{ChangeSetStatus, ResourceStatus, Stack, StackEvent, StackStatus},
};
use aws_smithy_mocks::{Rule, mock};
use aws_smithy_types::DateTime;
use landfall::model::stack_action::{DeployStack, StackAction};
use landfall::model::{Action, Address, Failure, Kind};

use crate::support::stubs::{Stubs, told};

const ID: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/web/1";
const NOT_THERE: &str = "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id web does not exist\
                         </Message></Error></ErrorResponse>";
const INNER: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/web-Inner/2";

fn event(
    number: u8,
    resource: &str,
    kind: &str,
    physical: &str,
    status: &str,
    reason: &str,
) -> StackEvent {
    StackEvent::builder()
        .event_id(number.to_string())
        .stack_id(ID)
        .logical_resource_id(resource)
        .physical_resource_id(physical)
        .resource_type(kind)
        .resource_status(ResourceStatus::from(status))
        .set_resource_status_reason(Some(reason.to_owned()).filter(|text| !text.is_empty()))
        .build()
}

fn own(number: u8, status: &str) -> StackEvent {
    event(number, "web", "AWS::CloudFormation::Stack", ID, status, "")
}

/// The answers of one look: newest first, two events a page.
fn look(events: &[StackEvent], token: Option<&str>) -> DescribeStackEventsOutput {
    let newest: Vec<StackEvent> = events.iter().rev().cloned().collect();
    let from: usize = token.map_or(0, |token| token.parse().unwrap());
    let to = (from + 2).min(newest.len());
    DescribeStackEventsOutput::builder()
        .set_stack_events(Some(newest[from..to].to_vec()))
        .set_next_token((to < newest.len()).then(|| to.to_string()))
        .build()
}

/// Each look at the first page shows one more of these stages.
fn events(stages: Vec<Vec<StackEvent>>) -> Rule {
    let at = std::sync::Mutex::new(0);
    mock!(Client::describe_stack_events)
        .match_requests(|asked| asked.stack_name() == Some(ID))
        .then_compute_output(move |asked| {
            let mut at = at.lock().unwrap();
            if asked.next_token().is_none() {
                *at += 1;
            }
            look(&stages[(*at - 1).min(stages.len() - 1)], asked.next_token())
        })
}

fn stands(status: &'static str) -> Rule {
    mock!(Client::describe_stacks).then_output(move || described(status))
}

fn described(status: &str) -> DescribeStacksOutput {
    let stack = Stack::builder()
        .stack_id(ID)
        .stack_name("web")
        .creation_time(DateTime::from_secs(0))
        .stack_status(StackStatus::from(status));
    DescribeStacksOutput::builder()
        .stacks(stack.build())
        .build()
}

fn change_set() -> [Rule; 2] {
    [
        mock!(Client::create_change_set).then_output(|| {
            CreateChangeSetOutput::builder()
                .id("set")
                .stack_id(ID)
                .build()
        }),
        mock!(Client::execute_change_set)
            .match_requests(|asked| asked.client_request_token().is_some())
            .then_output(|| ExecuteChangeSetOutput::builder().build()),
    ]
}

fn decided(status: ChangeSetStatus, reason: &'static str) -> Rule {
    mock!(Client::describe_change_set).then_output(move || {
        DescribeChangeSetOutput::builder()
            .status(status.clone())
            .status_reason(reason)
            .build()
    })
}

fn deploy() -> Action {
    StackAction::Deploy(DeployStack {
        name: "web".to_owned(),
        template: "Resources: {}".to_owned(),
        parameters: BTreeMap::new(),
        kept: Vec::new(),
        capabilities: Vec::new(),
        tags: BTreeMap::new(),
    })
    .into()
}

fn delete() -> Action {
    StackAction::Delete {
        name: "web".to_owned(),
        id: ID.to_owned(),
    }
    .into()
}

/// Performs an action against these answers; gives its end and what was said.
async fn act(action: Action, rules: &[&Rule]) -> (Result<(), Failure>, Vec<String>) {
    let aws = Stubs {
        cloudformation: rules,
        ..Stubs::default()
    }
    .aws();
    told(&aws, &Address::new(Kind::Stack, "web"), &[action]).await
}

#[tokio::test]
async fn a_change_set_that_is_not_even_taken_leaves_nothing() {
    let create = mock!(Client::create_change_set).then_error(|| {
        let why = ErrorMetadata::builder()
            .code("ValidationError")
            .message("Template format error: no Resources");
        CreateChangeSetError::generic(why.build())
    });
    let rules = [&stands("CREATE_COMPLETE"), &create];
    let failure = act(deploy(), &rules).await.0.expect_err("it is refused");
    assert_eq!(
        failure.to_string(),
        "AWS refused the request\n  \
         what: creating a change set for the stack web\n  \
         why: ValidationError: Template format error: no Resources\n  \
         left behind: Nothing was changed."
    );
}

#[tokio::test]
async fn every_page_of_events_is_told_once_and_old_ones_never() {
    let all: Vec<StackEvent> = [
        own(1, "CREATE_IN_PROGRESS"),
        own(2, "CREATE_COMPLETE"),
        own(3, "UPDATE_IN_PROGRESS"),
        event(4, "A", "AWS::S3::Bucket", "a", "UPDATE_IN_PROGRESS", ""),
        event(5, "A", "AWS::S3::Bucket", "a", "UPDATE_COMPLETE", ""),
        event(6, "B", "AWS::S3::Bucket", "b", "UPDATE_IN_PROGRESS", ""),
        event(7, "B", "AWS::S3::Bucket", "b", "UPDATE_COMPLETE", ""),
        own(8, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        own(9, "UPDATE_COMPLETE"),
    ]
    .into();
    let stages = [2, 2, 3, 7, 8, 9].map(|to| all[..to].to_vec());
    let [create, execute] = change_set();
    let rules = [
        &stands("CREATE_COMPLETE"),
        &create,
        &decided(ChangeSetStatus::CreateComplete, ""),
        &execute,
        &events(stages.into()),
    ];
    let (end, said) = act(deploy(), &rules).await;
    end.unwrap();
    assert_eq!(
        said,
        [
            "web UPDATE_IN_PROGRESS",
            "A UPDATE_IN_PROGRESS",
            "A UPDATE_COMPLETE",
            "B UPDATE_IN_PROGRESS",
            "B UPDATE_COMPLETE",
            "web UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "web UPDATE_COMPLETE",
        ]
    );
}

#[tokio::test]
async fn the_first_cause_is_found_in_a_nested_stack_and_not_among_the_cancelled() {
    let mut all = vec![own(1, "UPDATE_IN_PROGRESS")];
    all.push(event(
        2,
        "Inner",
        "AWS::CloudFormation::Stack",
        INNER,
        "UPDATE_FAILED",
        "Embedded stack was not updated",
    ));
    all.push(event(
        3,
        "Beside",
        "AWS::S3::Bucket",
        "b",
        "UPDATE_FAILED",
        "Resource update cancelled",
    ));
    all.push(event(
        4,
        "Last",
        "AWS::S3::Bucket",
        "l",
        "UPDATE_FAILED",
        "a consequence",
    ));
    all.push(own(5, "UPDATE_ROLLBACK_COMPLETE"));
    let inner = mock!(Client::describe_stack_events)
        .match_requests(|asked| asked.stack_name() == Some(INNER))
        .then_output(|| {
            let early = event(
                1,
                "Database",
                "AWS::RDS::DBInstance",
                "d",
                "CREATE_FAILED",
                "no such engine version",
            );
            let cancelled = event(
                2,
                "Cache",
                "AWS::ElastiCache::CacheCluster",
                "c",
                "CREATE_FAILED",
                "Resource creation cancelled",
            );
            DescribeStackEventsOutput::builder()
                .stack_events(cancelled)
                .stack_events(early)
                .build()
        });
    let [create, execute] = change_set();
    let rules = [
        &stands("CREATE_COMPLETE"),
        &create,
        &decided(ChangeSetStatus::CreateComplete, ""),
        &execute,
        &events(vec![vec![], all]),
        &inner,
    ];
    let failure = act(deploy(), &rules).await.0.expect_err("it failed");
    assert_eq!(
        failure.why,
        "Inner/Database (AWS::RDS::DBInstance) CREATE_FAILED: no such engine version"
    );
    assert!(
        failure.left_behind.contains("stands as before"),
        "{failure}"
    );
}

#[tokio::test]
async fn where_no_resource_failed_the_stack_itself_says_why() {
    let stack = "AWS::CloudFormation::Stack";
    let reason = "Validation failed with 1 error(s). Call DescribeEvents to retrieve the details.";
    let refused = |status| event(2, "web", stack, ID, status, reason);
    for (status, end) in [
        ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("UPDATE_FAILED", "UPDATE_FAILED"),
    ] {
        let mut all = vec![own(1, "UPDATE_IN_PROGRESS"), refused(status)];
        if status != end {
            all.push(own(3, end));
        }
        let [create, execute] = change_set();
        let rules = [
            &stands("CREATE_COMPLETE"),
            &create,
            &decided(ChangeSetStatus::CreateComplete, ""),
            &execute,
            &events(vec![vec![], all]),
        ];
        let failure = act(deploy(), &rules).await.0.expect_err("it failed");
        assert_eq!(failure.why, format!("web ({stack}) {status}: {reason}"));
    }
}

#[tokio::test]
async fn a_change_set_without_changes_is_taken_away_and_no_failure() {
    let [create, _] = change_set();
    let discard = mock!(Client::delete_change_set)
        .match_requests(|asked| asked.change_set_name() == Some("set"))
        .then_output(|| DeleteChangeSetOutput::builder().build());
    let reason = "The submitted information didn't contain changes. Submit different information to create a change set.";
    let rules = [
        &stands("UPDATE_COMPLETE"),
        &create,
        &decided(ChangeSetStatus::Failed, reason),
        &discard,
    ];
    act(deploy(), &rules).await.0.unwrap();
    assert_eq!(discard.num_calls(), 1);
}

#[tokio::test]
async fn a_refused_change_set_is_taken_away_and_told() {
    let [create, _] = change_set();
    let discard =
        mock!(Client::delete_change_set).then_output(|| DeleteChangeSetOutput::builder().build());
    let rules = [
        &stands("UPDATE_COMPLETE"),
        &create,
        &decided(ChangeSetStatus::Failed, "Transform AWS::Nothing failed"),
        &discard,
    ];
    let failure = act(deploy(), &rules).await.0.expect_err("it was refused");
    assert_eq!(failure.summary, "CloudFormation refuses the change set");
    assert_eq!(failure.why, "Transform AWS::Nothing failed");
    assert_eq!(failure.left_behind, "Nothing was changed.");
    assert_eq!(discard.num_calls(), 1);
}

#[tokio::test]
async fn a_first_change_set_that_cannot_be_executed_goes_with_the_empty_stack_it_made() {
    let [create, _] = change_set();
    let looks = mock!(Client::describe_stacks)
        .sequence()
        .http_status(400, Some(NOT_THERE.to_owned()))
        .output(|| described("REVIEW_IN_PROGRESS"))
        .repeatedly()
        .build();
    let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    let execute = mock!(Client::execute_change_set)
        .sequence()
        .http_status(403, Some(denied.to_owned()))
        .build();
    let delete_stack = mock!(Client::delete_stack)
        .match_requests(|asked| asked.stack_name() == Some(ID))
        .then_output(|| DeleteStackOutput::builder().build());
    let rules = [
        &looks,
        &create,
        &decided(ChangeSetStatus::CreateComplete, ""),
        &events(vec![vec![]]),
        &execute,
        &delete_stack,
    ];
    let failure = act(deploy(), &rules).await.0.expect_err("it is denied");
    assert_eq!(failure.summary, "AWS does not allow it");
    assert_eq!(failure.left_behind, "Nothing was changed.");
    assert_eq!(delete_stack.num_calls(), 1);
}

#[tokio::test]
async fn what_could_not_be_deleted_is_named() {
    let all = vec![
        own(1, "DELETE_IN_PROGRESS"),
        event(
            2,
            "Logs",
            "AWS::S3::Bucket",
            "logs",
            "DELETE_FAILED",
            "The bucket is not empty",
        ),
        event(
            3,
            "Net",
            "AWS::EC2::VPC",
            "vpc",
            "DELETE_FAILED",
            "has dependencies",
        ),
        own(4, "DELETE_FAILED"),
    ];
    let rules = [
        &stands("CREATE_COMPLETE"),
        &mock!(Client::delete_stack)
            .match_requests(|asked| asked.stack_name() == Some(ID))
            .then_output(|| DeleteStackOutput::builder().build()),
        &events(vec![vec![], all]),
    ];
    let failure = act(delete(), &rules).await.0.expect_err("it failed");
    assert_eq!(
        failure.why,
        "Logs (AWS::S3::Bucket) DELETE_FAILED: The bucket is not empty\n\
         Net (AWS::EC2::VPC) DELETE_FAILED: has dependencies"
    );
}

#[tokio::test]
async fn a_throttled_look_is_repeated() {
    let slow = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message>\
                </Error></ErrorResponse>";
    let looks = mock!(Client::describe_stacks)
        .sequence()
        .http_status(400, Some(slow.to_owned()))
        .http_status(400, Some(NOT_THERE.to_owned()))
        .build();
    act(delete(), &[&looks]).await.0.unwrap();
    assert_eq!(looks.num_calls(), 2);
}
