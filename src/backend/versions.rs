//! Earlier versions of a record in a bucket: whether there are any, and the command that brings one back.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::ObjectVersion;

use super::Key;

/// What can be done for a record that is lost or damaged, as sentences that are true of this bucket.
pub(super) async fn way_back(
    client: &Client,
    bucket: &str,
    owner: Option<&str>,
    key: &Key,
) -> String {
    let listed = client
        .list_object_versions()
        .bucket(bucket)
        .set_expected_bucket_owner(owner.map(str::to_owned))
        .prefix(key.as_str())
        .send()
        .await;
    let listed = match listed {
        Ok(listed) => listed,
        Err(error) => {
            return format!(
                "Whether the bucket has an earlier version of it could not be asked ({}).",
                error.code().unwrap_or("no answer")
            );
        }
    };
    let mut versions = listed
        .versions()
        .iter()
        .filter(|version| version.key() == Some(key.as_str()));
    let earlier = versions.find(|version| version.is_latest() != Some(true));
    match earlier.and_then(ObjectVersion::version_id) {
        Some(id) => format!(
            "The bucket has an earlier version of it. To bring it back: aws s3api copy-object --bucket {bucket} \
             --key {key} --copy-source {bucket}/{key}?versionId={id}"
        ),
        None => "The bucket has no earlier version of it.".to_owned(),
    }
}
