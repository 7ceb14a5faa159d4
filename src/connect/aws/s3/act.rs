//! Actions in S3.

use std::collections::BTreeMap;

use aws_sdk_s3::{
    error::ProvideErrorMetadata,
    primitives::ByteStream,
    types::{BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership},
};

use super::{PASSING, SHA256, ask::tags as tags_of, settings, versions};
use crate::connect::aws::{
    Clients,
    error::{failed, status, unless},
    limits,
    settle::settle,
};
use crate::model::s3_action::S3Action;
use crate::model::{Class, Content, Failure, Outcome, Progress};

/// Performs an action in S3.
pub(in crate::connect::aws) async fn act(
    clients: &Clients,
    action: &S3Action,
    _: &Progress,
) -> Result<Outcome, Failure> {
    perform(clients, action).await.map_err(|failure| {
        if failure.left_behind.is_empty() {
            failure.left_behind(left_behind(action))
        } else {
            failure
        }
    })?;
    Ok(Outcome::Done)
}

async fn perform(clients: &Clients, action: &S3Action) -> Result<(), Failure> {
    match action {
        S3Action::CreateBucket { name, tags } => create(clients, name, tags).await,
        S3Action::BlockPublicAccess { bucket } => {
            settings::block_public_access(clients, bucket).await
        }
        S3Action::Encrypt { bucket } => settings::encrypt(clients, bucket).await,
        S3Action::Version { bucket } => settings::version(clients, bucket).await,
        S3Action::EnforceOwnership { bucket } => settings::enforce_ownership(clients, bucket).await,
        S3Action::SetPolicy { bucket, policy } => {
            settings::set_policy(clients, bucket, policy.to_string()).await
        }
        S3Action::Tag { bucket, tags } => {
            let mut all = tags_of(&clients.s3, bucket, &clients.caller.account).await?;
            all.extend(tags.clone());
            settings::set_tags(clients, bucket, all).await
        }
        S3Action::Untag { bucket, keys } => {
            let mut all = tags_of(&clients.s3, bucket, &clients.caller.account).await?;
            all.retain(|key, _| !keys.contains(key));
            settings::set_tags(clients, bucket, all).await
        }
        S3Action::Put {
            bucket,
            key,
            content,
        } => put(clients, bucket, key, content).await,
        S3Action::Delete { bucket, key } => versions::delete(clients, bucket, Some(key)).await,
        S3Action::DeleteOwnVersions { bucket, key } => {
            versions::delete_own(clients, bucket, key).await
        }
        S3Action::DeleteBucket { name } => delete_bucket(clients, name).await,
    }
}

async fn create(
    clients: &Clients,
    name: &str,
    tags: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let what = format!("making the bucket {name}");
    // The first region is the one that must not be named.
    // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html>
    let location = (clients.region != "us-east-1")
        .then(|| BucketLocationConstraint::from(clients.region.as_str()));
    let configuration = CreateBucketConfiguration::builder()
        .set_location_constraint(location)
        .set_tags(Some(settings::tag_list(tags)?))
        .build();
    let made = settle(clients.patience, &PASSING, || {
        clients
            .s3
            .create_bucket()
            .bucket(name)
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .create_bucket_configuration(configuration.clone())
            .send()
    })
    .await;
    let Err(error) = made else {
        return made_by_us(clients, name).await;
    };
    match error.code() {
        Some("BucketAlreadyExists") => Err(Failure::new("the bucket's name is taken", &what)
            .class(Class::Refused)
            .why("Another AWS account owns a bucket of this name.")
            .left_behind("Nothing was changed.")
            .help("Bucket names are unique in all of AWS: choose another one, with a part nobody guesses.")),
        // An earlier attempt may have made it without our hearing of it.
        Some("BucketAlreadyOwnedByYou") => {
            let seen = tags_of(&clients.s3, name, &clients.caller.account).await?;
            if tags.iter().all(|(key, value)| seen.get(key) == Some(value)) {
                return Ok(());
            }
            Err(Failure::new("a bucket of this name exists meanwhile", what)
                .class(Class::Refused)
                .why("It does not carry our tags, so that somebody else in this account made it.")
                .left_behind("Nothing was changed.")
                .help("Set `adopt = true` under [secrets] to take it over, or choose another name."))
        }
        _ => Err(failed("s3:CreateBucket", what)(error)),
    }
}

/// Looks whose the bucket is that was just made: making one is the only request that cannot name its owner.
async fn made_by_us(clients: &Clients, name: &str) -> Result<(), Failure> {
    let what = format!("looking at the bucket {name}, which was just made");
    let seen = settle(clients.patience, &["NotFound"], || {
        clients
            .s3
            .head_bucket()
            .bucket(name)
            .expected_bucket_owner(&clients.caller.account)
            .send()
    })
    .await;
    match seen {
        Ok(_) => Ok(()),
        Err(error) if status(&error) == Some(403) => Err(Failure::new(
            "the bucket that was made is not ours",
            what,
        )
        .class(Class::Refused)
        .why(format!(
            "S3 answered HTTP 403: it belongs to another account than {}, or `s3:ListBucket` is not allowed to us.",
            clients.caller.account
        ))
        .left_behind(format!("The bucket {name} stands; nothing was put into it."))
        .help("Look whose it is before anything secret is stored there, and whether AWS_ENDPOINT_URL names AWS.")),
        Err(error) => Err(failed("s3:ListBucket", what)(error)),
    }
}

async fn put(clients: &Clients, bucket: &str, key: &str, content: &Content) -> Result<(), Failure> {
    settle(clients.patience, &PASSING, || {
        clients
            .s3
            .put_object()
            .bucket(bucket)
            .key(key)
            .expected_bucket_owner(&clients.caller.account)
            .metadata(SHA256, content.digest().sha256)
            .body(ByteStream::from(content.bytes().to_vec()))
            .customize()
            .config_override(limits::sending(content.bytes().len()))
            .send()
    })
    .await
    .map(drop)
    .map_err(failed(
        "s3:PutObject",
        format!("storing {key} in the bucket {bucket}"),
    ))
}

async fn delete_bucket(clients: &Clients, name: &str) -> Result<(), Failure> {
    versions::delete(clients, name, None).await?;
    let deleted = settle(clients.patience, &["OperationAborted"], || {
        clients
            .s3
            .delete_bucket()
            .bucket(name)
            .expected_bucket_owner(&clients.caller.account)
            .send()
    })
    .await;
    unless(
        &["NoSuchBucket"],
        deleted,
        failed("s3:DeleteBucket", format!("deleting the bucket {name}")),
    )
    .map(drop)
}

fn left_behind(action: &S3Action) -> String {
    match action {
        S3Action::CreateBucket { name, .. } => {
            format!("There is no bucket {name}, or one with our tags that the next run completes.")
        }
        S3Action::Put { bucket, key, .. } => {
            format!("The object {key} in the bucket {bucket} is as it was.")
        }
        S3Action::Delete { bucket, key } | S3Action::DeleteOwnVersions { bucket, key } => {
            format!(
                "Versions of the object {key} may be left in the bucket {bucket}; the next run deletes them."
            )
        }
        S3Action::DeleteBucket { name } => {
            format!("The bucket {name} is there, and some of its objects may be deleted.")
        }
        S3Action::BlockPublicAccess { bucket }
        | S3Action::Encrypt { bucket }
        | S3Action::Version { bucket }
        | S3Action::EnforceOwnership { bucket }
        | S3Action::SetPolicy { bucket, .. }
        | S3Action::Tag { bucket, .. }
        | S3Action::Untag { bucket, .. } => {
            format!("The bucket {bucket} has what the steps before this one gave it.")
        }
    }
}
