//! What emulators never do: throttle, answer in pages, forget for a moment what was just made, and tell of a
//! stack in review nothing but its name.

use aws_sdk_cloudformation::Client as CloudFormation;
use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::operation::describe_stacks::DescribeStacksOutput;
use aws_sdk_cloudformation::operation::get_template::GetTemplateOutput;
use aws_sdk_cloudformation::operation::list_change_sets::ListChangeSetsOutput;
use aws_sdk_cloudformation::types::{ChangeSetSummary, Stack, StackStatus, Tag};
use aws_sdk_iam::Client as Iam;
use aws_sdk_iam::operation::attach_role_policy::{AttachRolePolicyError, AttachRolePolicyOutput};
use aws_sdk_iam::operation::get_policy::GetPolicyError;
use aws_sdk_iam::operation::get_role::{GetRoleError, GetRoleOutput};
use aws_sdk_iam::operation::list_attached_role_policies::ListAttachedRolePoliciesOutput;
use aws_sdk_iam::operation::list_instance_profiles_for_role::ListInstanceProfilesForRoleOutput;
use aws_sdk_iam::operation::list_policies::ListPoliciesOutput;
use aws_sdk_iam::operation::list_role_policies::ListRolePoliciesOutput;
use aws_sdk_iam::types::{AttachedPolicy, Policy, PolicyScopeType, error::NoSuchEntityException};
use aws_sdk_s3::Client as S3;
use aws_sdk_s3::operation::delete_objects::DeleteObjectsOutput;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::ObjectVersion;
use aws_smithy_mocks::{Rule, mock};
use landfall::connect::aws::Aws;
use landfall::model::iam::{IamAnswer, IamQuery, RoleSeen};
use landfall::model::iam_action::IamAction;
use landfall::model::s3_action::S3Action;
use landfall::model::stack::{StackAnswer, StackQuery};
use landfall::model::{
    Action, Address, Answer, Events, Failure, Kind, Outcome, Probe, Query, World,
};

use crate::support::stubs::Stubs;

pub fn aws(iam: &[&Rule], s3: &[&Rule]) -> Aws {
    Stubs {
        iam,
        s3,
        ..Stubs::default()
    }
    .aws()
}

pub async fn ask_role(aws: &Aws) -> Result<Option<RoleSeen>, Failure> {
    let name = "web".to_owned();
    match aws.ask(&Query::Iam(IamQuery::Role { name })).await? {
        Answer::Iam(IamAnswer::Role(role)) => Ok(role),
        other => panic!("{other:?}"),
    }
}

async fn act(aws: &Aws, action: impl Into<Action>) -> Result<Outcome, Failure> {
    let (events, _reader) = Events::channel();
    let progress = events.progress(&Address::new(Kind::Role, "web"));
    aws.act(&action.into(), &progress).await
}

fn attach() -> IamAction {
    IamAction::Attach {
        role: "web".to_owned(),
        policy: "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned(),
    }
}

pub fn found() -> GetRoleOutput {
    let role = aws_sdk_iam::types::Role::builder()
        .path("/")
        .role_name("web")
        .role_id("AROA")
        .arn("arn:aws:iam::123456789012:role/web")
        .create_date(aws_sdk_iam::primitives::DateTime::from_secs(0))
        .assume_role_policy_document("%7B%22Version%22%3A%222012-10-17%22%7D");
    GetRoleOutput::builder().role(role.build().unwrap()).build()
}

pub fn missing() -> NoSuchEntityException {
    let meta = aws_sdk_iam::error::ErrorMetadata::builder()
        .code("NoSuchEntity")
        .message("The role with name web cannot be found.");
    NoSuchEntityException::builder().meta(meta.build()).build()
}

#[tokio::test]
async fn every_page_of_attached_policies_is_read() {
    let role = mock!(Iam::get_role).then_output(found);
    let pages = mock!(Iam::list_attached_role_policies).then_compute_output(|request| {
        let page: u32 = request.marker().map_or(0, |marker| marker.parse().unwrap());
        let arn = format!("arn:aws:iam::aws:policy/P{page}");
        ListAttachedRolePoliciesOutput::builder()
            .attached_policies(AttachedPolicy::builder().policy_arn(arn).build())
            .is_truncated(page < 2)
            .set_marker((page < 2).then(|| (page + 1).to_string()))
            .build()
    });
    let inline = mock!(Iam::list_role_policies).then_output(|| {
        let output = ListRolePoliciesOutput::builder();
        output.set_policy_names(Some(vec![])).build().unwrap()
    });
    let profiles = mock!(Iam::list_instance_profiles_for_role).then_output(|| {
        let output = ListInstanceProfilesForRoleOutput::builder();
        output.set_instance_profiles(Some(vec![])).build().unwrap()
    });
    let aws = aws(&[&role, &pages, &inline, &profiles], &[]);
    let seen = ask_role(&aws).await.unwrap().unwrap();
    let names: Vec<_> = seen.managed_policies.iter().map(|arn| &arn[24..]).collect();
    assert_eq!(names, ["P0", "P1", "P2"]);
    assert_eq!(pages.num_calls(), 3);
    assert_eq!(role.num_calls(), 1);
}

#[tokio::test]
async fn a_policy_that_aws_does_not_know_is_looked_for_under_every_path_and_then_among_all() {
    let get = mock!(Iam::get_policy)
        .sequence()
        .error(|| GetPolicyError::NoSuchEntityException(missing()))
        .repeatedly()
        .build();
    let list = mock!(Iam::list_policies).then_compute_output(|request| {
        assert_eq!(request.scope(), Some(&PolicyScopeType::Aws));
        let first = request.marker().is_none();
        let name = if first { "A" } else { "service-role/B" };
        let arn = format!("arn:aws:iam::aws:policy/{name}");
        ListPoliciesOutput::builder()
            .policies(Policy::builder().arn(arn).build())
            .is_truncated(first)
            .set_marker(first.then(|| "next".to_owned()))
            .build()
    });
    let aws = aws(&[&get, &list], &[]);
    let name = "AmazonEC@ContainerServiceEC2Role".to_owned();
    let asked = aws.ask(&Query::Iam(IamQuery::ManagedPolicy { name })).await;
    assert_eq!(asked, Ok(Answer::Iam(IamAnswer::ManagedPolicy(None))));
    assert_eq!(get.num_calls(), 4);
    let all = aws.ask(&Query::Iam(IamQuery::ManagedPolicies)).await;
    let wanted = ["A", "service-role/B"]
        .map(|name| (name.to_owned(), format!("arn:aws:iam::aws:policy/{name}")));
    let wanted = IamAnswer::ManagedPolicies(wanted.into());
    assert_eq!(all, Ok(Answer::Iam(wanted)));
}

#[tokio::test]
async fn a_throttled_question_is_asked_again() {
    let role = mock!(Iam::get_role)
        .sequence()
        .http_response(throttled)
        .times(2)
        .error(|| GetRoleError::NoSuchEntityException(missing()))
        .build();
    assert_eq!(ask_role(&aws(&[&role], &[])).await.unwrap(), None);
    assert_eq!(role.num_calls(), 3);
}

fn throttled() -> aws_sdk_iam::config::http::HttpResponse {
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>r-1</RequestId></ErrorResponse>";
    aws_sdk_iam::config::http::HttpResponse::new(400u16.try_into().unwrap(), body.into())
}

#[tokio::test]
async fn a_role_that_is_not_known_everywhere_yet_is_waited_for() {
    let rule = mock!(Iam::attach_role_policy)
        .sequence()
        .error(|| AttachRolePolicyError::NoSuchEntityException(missing()))
        .times(2)
        .output(|| AttachRolePolicyOutput::builder().build())
        .build();
    let outcome = act(&aws(&[&rule], &[]), attach()).await;
    assert_eq!(outcome, Ok(Outcome::Done));
    assert_eq!(rule.num_calls(), 3);
}

#[tokio::test]
async fn a_role_that_never_appears_is_given_up_with_its_reason() {
    let rule = mock!(Iam::attach_role_policy)
        .sequence()
        .error(|| AttachRolePolicyError::NoSuchEntityException(missing()))
        .repeatedly()
        .build();
    let failure = act(&aws(&[&rule], &[]), attach()).await.unwrap_err();
    assert_eq!(rule.num_calls(), 4);
    assert_eq!(
        failure.to_string(),
        "AWS refused the request\n  \
         what: attaching arn:aws:iam::aws:policy/ReadOnlyAccess to the role web\n  \
         why: NoSuchEntity: The role with name web cannot be found.\n  \
         left behind: The role web has what the steps before this one gave it."
    );
}

#[tokio::test]
async fn what_is_not_allowed_names_the_action_to_allow() {
    let denied = mock!(Iam::get_role).then_http_response(|| {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: u is not authorized</Message></Error><RequestId>r-2</RequestId></ErrorResponse>";
        let mut answer = aws_sdk_iam::config::http::HttpResponse::new(
            403u16.try_into().unwrap(),
            body.into(),
        );
        answer.headers_mut().insert("x-amzn-requestid", "r-2");
        answer
    });
    let failure = ask_role(&aws(&[&denied], &[])).await.unwrap_err();
    assert_eq!(failure.summary, "AWS does not allow it");
    assert_eq!(
        failure.why,
        "AccessDenied: User: u is not authorized (request r-2)"
    );
    assert!(failure.help.contains("`iam:GetRole`"), "{failure}");
}

#[tokio::test]
async fn every_version_on_every_page_is_deleted_and_no_object_with_a_longer_name() {
    let pages = mock!(S3::list_object_versions).then_compute_output(|request| {
        let page: u32 = request
            .key_marker()
            .map_or(0, |marker| marker.parse().unwrap());
        let version = |key: &str| {
            let version = ObjectVersion::builder().key(key);
            version.version_id(format!("v{page}")).build()
        };
        ListObjectVersionsOutput::builder()
            .versions(version("ecs.config"))
            .versions(version("ecs.config.old"))
            .is_truncated(page < 1)
            .set_next_key_marker((page < 1).then(|| (page + 1).to_string()))
            .build()
    });
    let delete = mock!(S3::delete_objects)
        .match_requests(|request| {
            let objects = request.delete().unwrap().objects();
            request.expected_bucket_owner() == Some("123456789012")
                && objects.iter().all(|object| object.key() == "ecs.config")
        })
        .then_output(|| DeleteObjectsOutput::builder().build());
    let action = S3Action::Delete {
        bucket: "review-secrets".to_owned(),
        key: "ecs.config".to_owned(),
    };
    let outcome = act(&aws(&[], &[&pages, &delete]), action).await;
    assert_eq!(outcome, Ok(Outcome::Done));
    assert_eq!((pages.num_calls(), delete.num_calls()), (2, 2));
}

#[tokio::test]
async fn whose_a_stack_in_review_is_its_change_set_says() {
    const ID: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/web/1";
    let stack = mock!(CloudFormation::describe_stacks).then_output(|| {
        let stack = Stack::builder()
            .stack_id(ID)
            .stack_name("web")
            .creation_time(aws_sdk_cloudformation::primitives::DateTime::from_secs(0))
            .stack_status(StackStatus::ReviewInProgress);
        DescribeStacksOutput::builder()
            .stacks(stack.build())
            .build()
    });
    let list = mock!(CloudFormation::list_change_sets).then_compute_output(|asked| {
        let first = asked.next_token().is_none();
        let name = if first {
            "theirs"
        } else {
            "landfall-20261120T234500-1a2b3c4d"
        };
        ListChangeSetsOutput::builder()
            .summaries(ChangeSetSummary::builder().change_set_name(name).build())
            .set_next_token(first.then(|| "2".to_owned()))
            .build()
    });
    let set = mock!(CloudFormation::describe_change_set)
        .match_requests(|asked| {
            asked.stack_name() == Some(ID)
                && asked.change_set_name() == Some("landfall-20261120T234500-1a2b3c4d")
        })
        .then_output(|| {
            let tag = Tag::builder()
                .key("landfall:environment")
                .value("review/production");
            DescribeChangeSetOutput::builder().tags(tag.build()).build()
        });
    let template =
        mock!(CloudFormation::get_template).then_output(|| GetTemplateOutput::builder().build());
    let aws = Stubs {
        cloudformation: &[&stack, &list, &set, &template],
        ..Stubs::default()
    }
    .aws();
    let name = "web".to_owned();
    let answer = aws.ask(&Query::Stack(StackQuery::Stack { name })).await;
    let Answer::Stack(StackAnswer::Stack(Some(seen))) = answer.unwrap() else {
        panic!("it is there");
    };
    assert_eq!(
        seen.tags.get("landfall:environment").map(String::as_str),
        Some("review/production")
    );
}
