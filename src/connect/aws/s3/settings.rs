//! A bucket's settings, one request each.

use std::collections::BTreeMap;

use aws_sdk_s3::{
    error::BuildError,
    types::{
        BucketVersioningStatus, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
        PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
        ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging,
        VersioningConfiguration,
    },
};

use super::PASSING;
use crate::connect::aws::{Clients, error::failed, settle::settle};
use crate::model::Failure;

/// Turns all four switches of the public access block on.
pub(super) async fn block_public_access(clients: &Clients, bucket: &str) -> Result<(), Failure> {
    let block = PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .ignore_public_acls(true)
        .block_public_policy(true)
        .restrict_public_buckets(true)
        .build();
    settle(clients.patience, &PASSING, || {
        clients
            .s3
            .put_public_access_block()
            .bucket(bucket)
            .expected_bucket_owner(&clients.caller.account)
            .public_access_block_configuration(block.clone())
            .send()
    })
    .await
    .map(drop)
    .map_err(failed(
        "s3:PutBucketPublicAccessBlock",
        format!("blocking public access to the bucket {bucket}"),
    ))
}

/// Sets default encryption with keys that S3 holds.
pub(super) async fn encrypt(clients: &Clients, bucket: &str) -> Result<(), Failure> {
    let default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::Aes256)
        .build()
        .map_err(unbuilt)?;
    let configuration = ServerSideEncryptionConfiguration::builder()
        .rules(
            ServerSideEncryptionRule::builder()
                .apply_server_side_encryption_by_default(default)
                .build(),
        )
        .build()
        .map_err(unbuilt)?;
    settle(clients.patience, &PASSING, || {
        clients
            .s3
            .put_bucket_encryption()
            .bucket(bucket)
            .expected_bucket_owner(&clients.caller.account)
            .server_side_encryption_configuration(configuration.clone())
            .send()
    })
    .await
    .map(drop)
    .map_err(failed(
        "s3:PutEncryptionConfiguration",
        format!("encrypting the bucket {bucket}"),
    ))
}

/// Enables versioning.
pub(super) async fn version(clients: &Clients, bucket: &str) -> Result<(), Failure> {
    let configuration = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();
    settle(clients.patience, &PASSING, || {
        clients
            .s3
            .put_bucket_versioning()
            .bucket(bucket)
            .expected_bucket_owner(&clients.caller.account)
            .versioning_configuration(configuration.clone())
            .send()
    })
    .await
    .map(drop)
    .map_err(failed(
        "s3:PutBucketVersioning",
        format!("enabling versions in the bucket {bucket}"),
    ))
}

/// Sets object ownership to `BucketOwnerEnforced`.
pub(super) async fn enforce_ownership(clients: &Clients, bucket: &str) -> Result<(), Failure> {
    let rule = OwnershipControlsRule::builder()
        .object_ownership(ObjectOwnership::BucketOwnerEnforced)
        .build()
        .map_err(unbuilt)?;
    let controls = OwnershipControls::builder()
        .rules(rule)
        .build()
        .map_err(unbuilt)?;
    settle(clients.patience, &PASSING, || {
        clients
            .s3
            .put_bucket_ownership_controls()
            .bucket(bucket)
            .expected_bucket_owner(&clients.caller.account)
            .ownership_controls(controls.clone())
            .send()
    })
    .await
    .map(drop)
    .map_err(failed(
        "s3:PutBucketOwnershipControls",
        format!("enforcing the ownership of the bucket {bucket}"),
    ))
}

/// Sets the policy.
pub(super) async fn set_policy(
    clients: &Clients,
    bucket: &str,
    policy: String,
) -> Result<(), Failure> {
    settle(clients.patience, &PASSING, || {
        clients
            .s3
            .put_bucket_policy()
            .bucket(bucket)
            .expected_bucket_owner(&clients.caller.account)
            .policy(&policy)
            .send()
    })
    .await
    .map(drop)
    .map_err(failed(
        "s3:PutBucketPolicy",
        format!("setting the policy of the bucket {bucket}"),
    ))
}

/// Sets the tags, all of them.
pub(super) async fn set_tags(
    clients: &Clients,
    bucket: &str,
    tags: BTreeMap<String, String>,
) -> Result<(), Failure> {
    if tags.is_empty() {
        return no_tags(clients, bucket).await;
    }
    let tagging = Tagging::builder()
        .set_tag_set(Some(tag_list(&tags)?))
        .build()
        .map_err(unbuilt)?;
    settle(clients.patience, &PASSING, || {
        clients
            .s3
            .put_bucket_tagging()
            .bucket(bucket)
            .expected_bucket_owner(&clients.caller.account)
            .tagging(tagging.clone())
            .send()
    })
    .await
    .map(drop)
    .map_err(failed(
        "s3:PutBucketTagging",
        format!("setting the tags of the bucket {bucket}"),
    ))
}

/// Takes every tag away, by the request that S3 has for it.
async fn no_tags(clients: &Clients, bucket: &str) -> Result<(), Failure> {
    settle(clients.patience, &PASSING, || {
        clients
            .s3
            .delete_bucket_tagging()
            .bucket(bucket)
            .expected_bucket_owner(&clients.caller.account)
            .send()
    })
    .await
    .map(drop)
    .map_err(failed(
        "s3:PutBucketTagging",
        format!("taking the tags off the bucket {bucket}"),
    ))
}

/// Tags as the SDK wants them.
pub(super) fn tag_list(tags: &BTreeMap<String, String>) -> Result<Vec<Tag>, Failure> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(unbuilt)
}

fn unbuilt(error: BuildError) -> Failure {
    Failure::bug(error.to_string())
}
