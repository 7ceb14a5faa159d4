//! What can be done in S3.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Content, Value};

/// Something to do in S3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum S3Action {
    /// Makes a bucket in the environment's region, with tags from its first moment on.
    CreateBucket {
        /// Its name.
        name: String,
        /// Tags.
        tags: BTreeMap<String, String>,
    },
    /// Turns all four switches of the public access block on.
    BlockPublicAccess {
        /// The bucket's name.
        bucket: String,
    },
    /// Sets default encryption with keys that S3 holds (`AES256`).
    Encrypt {
        /// The bucket's name.
        bucket: String,
    },
    /// Enables versioning.
    Version {
        /// The bucket's name.
        bucket: String,
    },
    /// Sets object ownership to `BucketOwnerEnforced`, which turns access lists off.
    EnforceOwnership {
        /// The bucket's name.
        bucket: String,
    },
    /// Sets the bucket's policy.
    SetPolicy {
        /// The bucket's name.
        bucket: String,
        /// What it says.
        policy: Value,
    },
    /// Sets the bucket's tags, keeping those that are not named.
    Tag {
        /// The bucket's name.
        bucket: String,
        /// Tags.
        tags: BTreeMap<String, String>,
    },
    /// Takes tags of the bucket away, keeping those that are not named.
    Untag {
        /// The bucket's name.
        bucket: String,
        /// The tags' keys.
        keys: Vec<String>,
    },
    /// Stores an object with its SHA-256 beside it.
    Put {
        /// The bucket's name.
        bucket: String,
        /// The object's key.
        key: String,
        /// What it holds.
        content: Content,
    },
    /// Takes an object away with every version of it.
    Delete {
        /// The bucket's name.
        bucket: String,
        /// The object's key.
        key: String,
    },
    /// Takes away the versions of an object that we stored, and no version that others put there.
    DeleteOwnVersions {
        /// The bucket's name.
        bucket: String,
        /// The object's key.
        key: String,
    },
    /// Takes a bucket away with everything in it. Only decided for a bucket whose name was typed.
    DeleteBucket {
        /// Its name.
        name: String,
    },
}
