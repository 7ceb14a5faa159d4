//! Questions to S3.

use std::collections::BTreeMap;

use aws_sdk_s3::{Client, types::BucketVersioningStatus};
use futures::try_join;

use super::{ABSENT, SHA256, region::REGION_HEADER, versions};
use crate::connect::aws::{
    Clients,
    error::{failed, given, status, unless},
    settle::{Apart, agreed, torn},
};
use crate::model::s3::{BucketSeen, ObjectSeen, S3Answer, S3Query};
use crate::model::{Class, Failure, Value};

/// The answer to a question to S3.
pub(in crate::connect::aws) async fn ask(
    clients: &Clients,
    query: &S3Query,
) -> Result<S3Answer, Failure> {
    match query {
        S3Query::Bucket { name } => agreed(clients.patience, || bucket(clients, name))
            .await
            .map(S3Answer::Bucket),
        S3Query::Object { bucket, key } => object(clients, bucket, key).await.map(S3Answer::Object),
        S3Query::Versions { bucket, key } => versions::seen(clients, bucket, key)
            .await
            .map(S3Answer::Versions),
        S3Query::Holds { bucket } => versions::keys(clients, bucket).await.map(S3Answer::Holds),
    }
}

/// The bucket with its settings. For a moment after it was made or deleted, S3 may say both that it is there and that
/// it is not.
async fn bucket(clients: &Clients, name: &str) -> Result<Option<BucketSeen>, Apart> {
    let Some(region) = region(clients, name).await? else {
        return Ok(None);
    };
    let asked = Asked {
        s3: &clients.s3,
        name,
        owner: &clients.caller.account,
        what: format!("reading the bucket {name}"),
    };
    let (public_access_blocked, encryption, versioning, ownership, policy, tags) = try_join!(
        asked.public_access_blocked(),
        asked.encryption(),
        asked.versioning(),
        asked.ownership(),
        asked.policy(),
        asked.tags(),
    )?;
    Ok(Some(BucketSeen {
        region,
        public_access_blocked,
        encryption,
        versioning,
        ownership,
        policy,
        tags,
    }))
}

/// Where the bucket is; none when there is no bucket of this name. One that is not ours to look at, or that is in
/// another region, is refused.
async fn region(clients: &Clients, name: &str) -> Result<Option<String>, Failure> {
    let what = format!("looking for the bucket {name}");
    let refused = |summary, why: String, help: &str| {
        Failure::new(summary, &what)
            .class(Class::Refused)
            .why(why)
            .left_behind("Nothing was changed.")
            .help(help)
    };
    let elsewhere = |region: &str| {
        refused(
            "the bucket is in another region",
            format!(
                "It is in {region}, and the environment in {}.",
                clients.region
            ),
            "Set the environment's region to the bucket's, or choose another name.",
        )
    };
    let answer = clients
        .s3
        .head_bucket()
        .bucket(name)
        .expected_bucket_owner(&clients.caller.account)
        .send()
        .await;
    let error = match answer {
        Ok(found) => match found.bucket_region {
            Some(region) if region != clients.region => return Err(elsewhere(&region)),
            // Emulators and look-alikes do not say where a bucket is; it is where we asked.
            _ => return Ok(Some(clients.region.clone())),
        },
        Err(error) => error,
    };
    let said = error
        .raw_response()
        .and_then(|answer| answer.headers().get(REGION_HEADER));
    match (status(&error), said) {
        (Some(404), _) => Ok(None),
        (Some(403), _) => Err(refused(
            "the bucket is not ours to look at",
            format!(
                "S3 answered HTTP 403: the name belongs to another account than {}, or `s3:ListBucket` is not allowed to us.",
                clients.caller.account
            ),
            "Bucket names are unique in all of AWS: choose another one, with a part nobody guesses.",
        )),
        (Some(_), Some(region)) if region != clients.region => Err(elsewhere(region)),
        _ => Err(failed("s3:ListBucket", what.clone())(error)),
    }
}

/// A bucket whose settings are asked for, one request each.
struct Asked<'a> {
    s3: &'a Client,
    name: &'a str,
    owner: &'a str,
    what: String,
}

impl Asked<'_> {
    async fn public_access_blocked(&self) -> Result<bool, Apart> {
        let request = self.s3.get_public_access_block().bucket(self.name);
        let found = unless(
            &["NoSuchPublicAccessBlockConfiguration"],
            request.expected_bucket_owner(self.owner).send().await,
            torn(ABSENT, failed("s3:GetBucketPublicAccessBlock", &self.what)),
        )?;
        let Some(answer) = found else {
            return Ok(false);
        };
        let block = answer.public_access_block_configuration;
        let block = given(block, "PublicAccessBlockConfiguration", &self.what)?;
        Ok([
            block.block_public_acls,
            block.ignore_public_acls,
            block.block_public_policy,
            block.restrict_public_buckets,
        ]
        .iter()
        .all(|switch| *switch == Some(true)))
    }

    async fn encryption(&self) -> Result<Option<String>, Apart> {
        let request = self.s3.get_bucket_encryption().bucket(self.name);
        let found = unless(
            &["ServerSideEncryptionConfigurationNotFoundError"],
            request.expected_bucket_owner(self.owner).send().await,
            torn(ABSENT, failed("s3:GetEncryptionConfiguration", &self.what)),
        )?;
        let Some(answer) = found else {
            return Ok(None);
        };
        let configuration = answer.server_side_encryption_configuration;
        let name = "ServerSideEncryptionConfiguration";
        let rules = given(configuration, name, &self.what)?.rules;
        let rule = rules.into_iter().next();
        Ok(rule
            .and_then(|rule| rule.apply_server_side_encryption_by_default)
            .map(|default| default.sse_algorithm.as_str().to_owned()))
    }

    async fn versioning(&self) -> Result<bool, Apart> {
        let request = self.s3.get_bucket_versioning().bucket(self.name);
        let found = request
            .expected_bucket_owner(self.owner)
            .send()
            .await
            .map_err(torn(ABSENT, failed("s3:GetBucketVersioning", &self.what)))?;
        Ok(found.status == Some(BucketVersioningStatus::Enabled))
    }

    async fn ownership(&self) -> Result<Option<String>, Apart> {
        let request = self.s3.get_bucket_ownership_controls().bucket(self.name);
        let found = unless(
            &["OwnershipControlsNotFoundError"],
            request.expected_bucket_owner(self.owner).send().await,
            torn(ABSENT, failed("s3:GetBucketOwnershipControls", &self.what)),
        )?;
        let Some(answer) = found else {
            return Ok(None);
        };
        let controls = given(answer.ownership_controls, "OwnershipControls", &self.what)?;
        let rule = controls.rules.into_iter().next();
        Ok(rule.map(|rule| rule.object_ownership.as_str().to_owned()))
    }

    async fn policy(&self) -> Result<Option<Value>, Apart> {
        let request = self.s3.get_bucket_policy().bucket(self.name);
        let found = unless(
            &["NoSuchBucketPolicy"],
            request.expected_bucket_owner(self.owner).send().await,
            torn(ABSENT, failed("s3:GetBucketPolicy", &self.what)),
        )?;
        let Some(answer) = found else {
            return Ok(None);
        };
        let text = given(answer.policy, "Policy", &self.what)?;
        serde_json::from_str(&text).map(Some).map_err(|error| {
            Failure::new("AWS sent a policy that cannot be read", &self.what)
                .why(error)
                .into()
        })
    }

    async fn tags(&self) -> Result<BTreeMap<String, String>, Apart> {
        tags(self.s3, self.name, self.owner).await
    }
}

/// The tags of a bucket.
pub(super) async fn tags(
    s3: &Client,
    bucket: &str,
    owner: &str,
) -> Result<BTreeMap<String, String>, Apart> {
    let request = s3.get_bucket_tagging().bucket(bucket);
    let found = unless(
        &["NoSuchTagSet"],
        request.expected_bucket_owner(owner).send().await,
        torn(
            ABSENT,
            failed(
                "s3:GetBucketTagging",
                format!("reading the tags of the bucket {bucket}"),
            ),
        ),
    )?;
    Ok(found
        .map(|answer| answer.tag_set)
        .unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key, tag.value))
        .collect())
}

async fn object(clients: &Clients, bucket: &str, key: &str) -> Result<Option<ObjectSeen>, Failure> {
    let answer = clients
        .s3
        .head_object()
        .bucket(bucket)
        .key(key)
        .expected_bucket_owner(&clients.caller.account)
        .send()
        .await;
    match answer {
        Ok(found) => Ok(Some(ObjectSeen {
            bytes: found
                .content_length
                .and_then(|length| u64::try_from(length).ok())
                .unwrap_or_default(),
            sha256: found
                .metadata
                .and_then(|mut metadata| metadata.remove(SHA256)),
        })),
        Err(error) if status(&error) == Some(404) => Ok(None),
        Err(error) => Err(failed(
            "s3:GetObject",
            format!("looking for the object {key} in the bucket {bucket}"),
        )(error)),
    }
}
