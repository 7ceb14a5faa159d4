//! Every version of every object: what deleting really means in a versioned bucket.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use crate::connect::aws::{
    Clients,
    error::{failed, unless},
};
use crate::model::Failure;

/// One page of versions and delete markers, and where the next begins.
struct Page {
    found: Vec<(String, Option<String>)>,
    next: Option<Next>,
}

#[derive(Default)]
struct Next {
    key: Option<String>,
    version: Option<String>,
}

/// How many keys there are, counted over the first thousand versions.
pub(super) async fn keys(clients: &Clients, bucket: &str) -> Result<usize, Failure> {
    let page = page(clients, bucket, None, Next::default()).await?;
    let keys: BTreeSet<_> = page.found.into_iter().map(|(key, _)| key).collect();
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
            .filter(|(found, _)| key.is_none_or(|key| key == found))
            .collect();
        delete_all(clients, bucket, doomed).await?;
        next = page.next;
    }
    Ok(())
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
        .map(|version| (version.key, version.version_id));
    let markers = answer
        .delete_markers
        .unwrap_or_default()
        .into_iter()
        .map(|marker| (marker.key, marker.version_id));
    Ok(Page {
        found: versions
            .chain(markers)
            .filter_map(|(key, version)| Some((key?, version)))
            .collect(),
        next: (answer.is_truncated == Some(true)).then_some(Next {
            key: answer.next_key_marker,
            version: answer.next_version_id_marker,
        }),
    })
}

async fn delete_all(
    clients: &Clients,
    bucket: &str,
    doomed: Vec<(String, Option<String>)>,
) -> Result<(), Failure> {
    let what = format!("deleting objects of the bucket {bucket}");
    if doomed.is_empty() {
        return Ok(());
    }
    let mut delete = Delete::builder().quiet(true);
    for (key, version) in doomed {
        let object = ObjectIdentifier::builder().key(key).set_version_id(version);
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
            .left("The other objects of the same request are deleted.")
            .help("Allow `s3:DeleteObjectVersion` to the identity that landfall runs as; look for an object lock.")),
    }
}
