//! Where a bucket is.

use aws_sdk_s3::{Client, config::Region};

use super::super::Clients;

/// How S3 says where a bucket is, in answers and in refusals alike (`HeadBucket`).
pub(super) const REGION_HEADER: &str = "x-amz-bucket-region";

/// A client for the bucket's own region: S3 answers elsewhere with `PermanentRedirect`, and the SDK follows none.
///
/// Where S3 does not say the region, it is the environment's; what is wrong then is told by what is done next.
pub(in super::super) async fn client_of(clients: &Clients, bucket: &str) -> Client {
    let asked = clients
        .s3
        .head_bucket()
        .bucket(bucket)
        .expected_bucket_owner(&clients.caller.account);
    // One of another account is not told apart here: the first request for a record is refused as well.
    let region = match asked.send().await {
        Ok(found) => found.bucket_region,
        Err(error) => error
            .raw_response()
            .and_then(|answer| answer.headers().get(REGION_HEADER))
            .map(str::to_owned),
    };
    match region {
        Some(region) if region != clients.region => {
            let config = clients.s3.config().to_builder();
            Client::from_conf(config.region(Region::new(region)).build())
        }
        _ => clients.s3.clone(),
    }
}
