//! The two stores, each empty.

use std::sync::Arc;

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use landfall::backend::{Folder, S3, Store};

use super::{http, lab::emulator};

/// A store with its name; a folder goes away when this is dropped.
pub struct Kept {
    pub name: &'static str,
    pub store: Arc<dyn Store>,
    pub folder: Option<tempfile::TempDir>,
}

/// A folder and a bucket that nobody else uses; `test` is a name no other test takes.
pub async fn stores(test: &str) -> [Kept; 2] {
    [folder(), bucket(test).await]
}

pub fn folder() -> Kept {
    let folder = tempfile::tempdir().unwrap();
    Kept {
        name: "folder",
        store: Arc::new(Folder::new(folder.path().join("kept"))),
        folder: Some(folder),
    }
}

async fn bucket(test: &str) -> Kept {
    let client = client(&emulator().await);
    let bucket = format!("backend-{test}");
    client.create_bucket().bucket(&bucket).send().await.unwrap();
    Kept {
        name: "bucket",
        store: Arc::new(S3::new(client, bucket)),
        folder: None,
    }
}

fn client(endpoint: &str) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("200000000001", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .http_client(http::client())
        .force_path_style(true)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}
