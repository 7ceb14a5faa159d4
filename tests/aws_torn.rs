//! What IAM and S3 say of a thing that was just made or is just going: one answer knows of it and another does not.

use aws_sdk_iam::Client as Iam;
use aws_sdk_iam::operation::get_role::GetRoleError;
use aws_sdk_iam::operation::get_role_policy::GetRolePolicyError;
use aws_sdk_iam::operation::list_attached_role_policies::{
    ListAttachedRolePoliciesError, ListAttachedRolePoliciesOutput,
};
use aws_sdk_iam::operation::list_instance_profiles_for_role::ListInstanceProfilesForRoleOutput;
use aws_sdk_iam::operation::list_role_policies::{ListRolePoliciesError, ListRolePoliciesOutput};
use aws_sdk_s3::Client as S3;
use aws_sdk_s3::operation::get_bucket_encryption::GetBucketEncryptionOutput;
use aws_sdk_s3::operation::get_bucket_ownership_controls::GetBucketOwnershipControlsOutput;
use aws_sdk_s3::operation::get_bucket_policy::GetBucketPolicyOutput;
use aws_sdk_s3::operation::get_bucket_tagging::GetBucketTaggingOutput;
use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::operation::get_public_access_block::GetPublicAccessBlockOutput;
use aws_sdk_s3::operation::head_bucket::HeadBucketOutput;
use aws_sdk_s3::types::{
    ObjectOwnership, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use aws_smithy_mocks::{Rule, mock};
use landfall::connect::aws::Aws;
use landfall::model::s3::{BucketSeen, S3Answer, S3Query};
use landfall::model::{Answer, Failure, Probe, Query};

use crate::aws_stubbed::{ask_role, aws, found, missing};

/// Nothing hangs on the role.
fn bare() -> (Rule, Rule, Rule) {
    let attached = mock!(Iam::list_attached_role_policies)
        .then_output(|| ListAttachedRolePoliciesOutput::builder().build());
    let inline = mock!(Iam::list_role_policies).then_output(no_policies);
    let profiles = mock!(Iam::list_instance_profiles_for_role).then_output(|| {
        let output = ListInstanceProfilesForRoleOutput::builder();
        output.set_instance_profiles(Some(vec![])).build().unwrap()
    });
    (attached, inline, profiles)
}

fn no_policies() -> ListRolePoliciesOutput {
    let output = ListRolePoliciesOutput::builder();
    output.set_policy_names(Some(vec![])).build().unwrap()
}

#[tokio::test]
async fn a_role_that_one_replica_knows_and_another_does_not_yet_is_looked_at_again() {
    let role = mock!(Iam::get_role).then_output(found);
    let (_, _, profiles) = bare();
    let attached = mock!(Iam::list_attached_role_policies)
        .sequence()
        .error(|| ListAttachedRolePoliciesError::NoSuchEntityException(missing()))
        .output(|| ListAttachedRolePoliciesOutput::builder().build())
        .repeatedly()
        .build();
    // A policy that is listed and cannot be read any more, or not yet.
    let inline = mock!(Iam::list_role_policies)
        .sequence()
        .output(|| {
            let output = ListRolePoliciesOutput::builder();
            output.policy_names("landfall-reads").build().unwrap()
        })
        .times(2)
        .output(no_policies)
        .build();
    let policy = mock!(Iam::get_role_policy)
        .sequence()
        .error(|| GetRolePolicyError::NoSuchEntityException(missing()))
        .repeatedly()
        .build();
    let aws = aws(&[&role, &attached, &inline, &policy, &profiles], &[]);
    let seen = ask_role(&aws).await.unwrap().unwrap();
    assert!(seen.inline_policies.is_empty());
    assert!(role.num_calls() > 1);
}

#[tokio::test]
async fn a_role_that_is_just_going_is_not_there() {
    let role = mock!(Iam::get_role)
        .sequence()
        .output(found)
        .error(|| GetRoleError::NoSuchEntityException(missing()))
        .build();
    let (attached, _, profiles) = bare();
    let inline = mock!(Iam::list_role_policies)
        .sequence()
        .error(|| ListRolePoliciesError::NoSuchEntityException(missing()))
        .repeatedly()
        .build();
    let aws = aws(&[&role, &attached, &inline, &profiles], &[]);
    assert_eq!(ask_role(&aws).await.unwrap(), None);
}

#[tokio::test]
async fn a_role_over_which_the_replicas_never_agree_is_given_up_with_what_was_asked() {
    let role = mock!(Iam::get_role).then_output(found);
    let (attached, _, profiles) = bare();
    let inline = mock!(Iam::list_role_policies)
        .sequence()
        .error(|| ListRolePoliciesError::NoSuchEntityException(missing()))
        .repeatedly()
        .build();
    let aws = aws(&[&role, &attached, &inline, &profiles], &[]);
    let failure = ask_role(&aws).await.unwrap_err();
    assert!(failure.why.starts_with("NoSuchEntity"), "{failure}");
    assert_eq!(role.num_calls(), 4);
}

fn no_such_bucket() -> aws_sdk_s3::config::http::HttpResponse {
    let body = "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>";
    aws_sdk_s3::config::http::HttpResponse::new(404u16.try_into().unwrap(), body.into())
}

async fn ask_bucket(aws: &Aws) -> Result<Option<BucketSeen>, Failure> {
    let name = "review-secrets".to_owned();
    match aws.ask(&Query::S3(S3Query::Bucket { name })).await? {
        Answer::S3(S3Answer::Bucket(bucket)) => Ok(bucket),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_bucket_that_is_there_and_not_there_is_looked_at_again() {
    let block = mock!(S3::get_public_access_block).then_output(|| {
        let block = PublicAccessBlockConfiguration::builder().build();
        let output = GetPublicAccessBlockOutput::builder();
        output.public_access_block_configuration(block).build()
    });
    let encryption = mock!(S3::get_bucket_encryption).then_output(|| {
        let rule = ServerSideEncryptionRule::builder().build();
        let configuration = ServerSideEncryptionConfiguration::builder().rules(rule);
        GetBucketEncryptionOutput::builder()
            .server_side_encryption_configuration(configuration.build().unwrap())
            .build()
    });
    let ownership = mock!(S3::get_bucket_ownership_controls).then_output(|| {
        let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::ObjectWriter);
        let controls = OwnershipControls::builder().rules(rule.build().unwrap());
        let output = GetBucketOwnershipControlsOutput::builder();
        output.ownership_controls(controls.build().unwrap()).build()
    });
    let policy = mock!(S3::get_bucket_policy)
        .then_output(|| GetBucketPolicyOutput::builder().policy("{}").build());
    // One that was just made.
    let head = mock!(S3::head_bucket).then_output(|| HeadBucketOutput::builder().build());
    let versioning = mock!(S3::get_bucket_versioning)
        .sequence()
        .http_response(no_such_bucket)
        .output(|| GetBucketVersioningOutput::builder().build())
        .repeatedly()
        .build();
    let tags = mock!(S3::get_bucket_tagging)
        .sequence()
        .http_response(no_such_bucket)
        .times(2)
        .output(|| {
            let output = GetBucketTaggingOutput::builder();
            output.set_tag_set(Some(vec![])).build().unwrap()
        })
        .repeatedly()
        .build();
    let made = [
        &head,
        &block,
        &encryption,
        &versioning,
        &ownership,
        &policy,
        &tags,
    ];
    let seen = ask_bucket(&aws(&[], &made)).await.unwrap();
    assert_eq!(seen.unwrap().region, "eu-west-1");

    // One that is just going.
    let head = mock!(S3::head_bucket)
        .sequence()
        .output(|| HeadBucketOutput::builder().build())
        .http_response(|| {
            aws_sdk_s3::config::http::HttpResponse::new(404u16.try_into().unwrap(), "".into())
        })
        .build();
    let tags = mock!(S3::get_bucket_tagging).then_http_response(no_such_bucket);
    let going = [
        &head,
        &block,
        &encryption,
        &versioning,
        &ownership,
        &policy,
        &tags,
    ];
    assert_eq!(ask_bucket(&aws(&[], &going)).await.unwrap(), None);
}
