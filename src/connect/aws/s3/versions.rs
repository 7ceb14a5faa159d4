//! Every version of every object: what deleting really means in a versioned bucket.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use futures::{StreamExt, TryStreamExt, stream};

use super::SHA256;
use crate::connect::aws::{
    Clients,
    error::{failed, status, unless},
};
use crate::model::Failure;
use crate::model::s3::VersionsSeen;

/// How many versions are looked at at once: S3 takes thousands of requests a second, and a connection each is enough.
const AT_ONCE: usize = 8;

/// One page of versions and delete markers, and where the next begins.
struct Page {
    found: Vec<Found>,
    next: Option<Next>,
}

/// A version of an object, or a delete marker.
struct Found {
    key: String,
    version: Option<String>,
    marker: bool,
}

#[derive(Default)]
struct Next {
    key: Option<String>,
    version: Option<String>,
}

/// How many keys there are, counted over the first thousand versions.
pub(super) async fn keys(clients: &Clients, bucket: &str) -> Result<usize, Failure> {
    let page = page(clients, bucket, None, Next::default()).await?;
    let keys: BTreeSet<_> = page.found.into_iter().map(|found| found.key).collect();
    Ok(keys.len())
}

/// Deletes every version of one object, or of all.
pub(super) async fn delete(
    clients: &Clients,
    bucket: &str,
    key: Option<&str>,
) -> Result<(), Failure> {
    let mut next = Some(Next::default());
    while let Some(from) = next {
        let page = page(clients, bucket, key, from).await?;
        let doomed = page
            .found
            .into_iter()
            .filter(|found| key.is_none_or(|key| key == found.key))
            .collect();
        delete_all(clients, bucket, doomed).await?;
        next = page.next;
    }
    Ok(())
}

/// How many versions of one object are ours, and how many of others.
pub(super) async fn seen(
    clients: &Clients,
    bucket: &str,
    key: &str,
) -> Result<VersionsSeen, Failure> {
    let versions = told_apart(clients, bucket, key).await?;
    let ours = versions.iter().filter(|(_, ours)| *ours).count();
    Ok(VersionsSeen {
        ours,
        others: versions.len() - ours,
    })
}

/// Deletes the versions of one object that we stored. What others put there stays, delete markers as well.
pub(super) async fn delete_own(clients: &Clients, bucket: &str, key: &str) -> Result<(), Failure> {
    let versions = told_apart(clients, bucket, key).await?;
    let ours = versions.into_iter().filter(|(_, ours)| *ours);
    let mut doomed: Vec<Found> = ours.map(|(found, _)| found).collect();
    while !doomed.is_empty() {
        // A request takes a thousand at the most.
        // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
        let rest = doomed.split_off(doomed.len().min(1000));
        delete_all(clients, bucket, doomed).await?;
        doomed = rest;
    }
    Ok(())
}

/// Every version of one object, and whether we stored it: whether our digest stands beside it.
async fn told_apart(
    clients: &Clients,
    bucket: &str,
    key: &str,
) -> Result<Vec<(Found, bool)>, Failure> {
    let mut versions = Vec::new();
    let mut next = Some(Next::default());
    while let Some(from) = next {
        let page = page(clients, bucket, Some(key), from).await?;
        let of_key = |found: &Found| found.key == key && !found.marker;
        versions.extend(page.found.into_iter().filter(of_key));
        next = page.next;
    }
    let told = stream::iter(versions).map(|found| async move {
        let ours = is_ours(clients, bucket, &found).await?;
        Ok::<_, Failure>((found, ours))
    });
    told.buffered(AT_ONCE).try_collect().await
}

async fn is_ours(clients: &Clients, bucket: &str, found: &Found) -> Result<bool, Failure> {
    let answer = clients
        .s3
        .head_object()
        .bucket(bucket)
        .key(&found.key)
        .set_version_id(found.version.clone())
        .expected_bucket_owner(&clients.caller.account)
        .send()
        .await;
    match answer {
        Ok(seen) => Ok(seen.metadata.is_some_and(|all| all.contains_key(SHA256))),
        // Deleted since it was listed.
        Err(error) if status(&error) == Some(404) => Ok(false),
        Err(error) => Err(failed(
            "s3:GetObjectVersion",
            format!(
                "looking at the versions of the object {} in the bucket {bucket}",
                found.key
            ),
        )(error)),
    }
}

async fn page(
    clients: &Clients,
    bucket: &str,
    prefix: Option<&str>,
    from: Next,
) -> Result<Page, Failure> {
    let answer = clients
        .s3
        .list_object_versions()
        .bucket(bucket)
        .expected_bucket_owner(&clients.caller.account)
        .set_prefix(prefix.map(str::to_owned))
        .set_key_marker(from.key)
        .set_version_id_marker(from.version)
        .send()
        .await;
    // A bucket that is gone holds nothing.
    let answer = unless(
        &["NoSuchBucket"],
        answer,
        failed(
            "s3:ListBucketVersions",
            format!("listing the bucket {bucket}"),
        ),
    )?;
    let Some(answer) = answer else {
        return Ok(Page {
            found: Vec::new(),
            next: None,
        });
    };
    let versions = answer
        .versions
        .unwrap_or_default()
        .into_iter()
        .map(|version| (version.key, version.version_id, false));
    let markers = answer
        .delete_markers
        .unwrap_or_default()
        .into_iter()
        .map(|marker| (marker.key, marker.version_id, true));
    Ok(Page {
        found: versions
            .chain(markers)
            .filter_map(|(key, version, marker)| {
                Some(Found {
                    key: key?,
                    version,
                    marker,
                })
            })
            .collect(),
        next: (answer.is_truncated == Some(true)).then_some(Next {
            key: answer.next_key_marker,
            version: answer.next_version_id_marker,
        }),
    })
}

async fn delete_all(clients: &Clients, bucket: &str, doomed: Vec<Found>) -> Result<(), Failure> {
    let what = format!("deleting objects of the bucket {bucket}");
    if doomed.is_empty() {
        return Ok(());
    }
    let mut delete = Delete::builder().quiet(true);
    for found in doomed {
        let object = ObjectIdentifier::builder()
            .key(found.key)
            .set_version_id(found.version);
        delete = delete.objects(
            object
                .build()
                .map_err(|error| Failure::bug(error.to_string()))?,
        );
    }
    let answer = clients
        .s3
        .delete_objects()
        .bucket(bucket)
        .expected_bucket_owner(&clients.caller.account)
        .delete(
            delete
                .build()
                .map_err(|error| Failure::bug(error.to_string()))?,
        )
        .send()
        .await
        .map_err(failed("s3:DeleteObjectVersion", &what))?;
    match answer.errors().first() {
        None => Ok(()),
        Some(error) => Err(Failure::new("AWS refused the request", what)
            .why(format!(
                "{}: {} ({})",
                error.code().unwrap_or("no code"),
                error.message().unwrap_or("no message"),
                error.key().unwrap_or("no key"),
            ))
            .left_behind("The other objects of the same request are deleted.")
            .help("Allow `s3:DeleteObjectVersion` to the identity that landfall runs as; look for an object lock.")),
    }
}
