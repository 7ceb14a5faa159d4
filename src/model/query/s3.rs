//! What S3 can be asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Value;

/// A question to S3.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum S3Query {
    /// A bucket with its settings.
    Bucket {
        /// Its name.
        name: String,
    },
    /// What we know of an object without reading it.
    Object {
        /// The bucket's name.
        bucket: String,
        /// The object's key.
        key: String,
    },
    /// Whose the versions of an object are. Asked before it is taken out of a bucket that others use as well.
    Versions {
        /// The bucket's name.
        bucket: String,
        /// The object's key.
        key: String,
    },
    /// Whether there is any object, or any version of one, in a bucket.
    Holds {
        /// The bucket's name.
        bucket: String,
    },
}

/// A bucket with its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BucketSeen {
    /// Where it is.
    pub region: String,
    /// Whether all four switches of the public access block are on.
    pub public_access_blocked: bool,
    /// The algorithm of its default encryption: `AES256`, `aws:kms`; none when it has none.
    pub encryption: Option<String>,
    /// Whether versioning is enabled.
    pub versioning: bool,
    /// Its object ownership, for example `BucketOwnerEnforced`.
    pub ownership: Option<String>,
    /// Its policy, decoded.
    pub policy: Option<Value>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// What is known of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectSeen {
    /// The SHA-256 of its content as we stored it beside it; none for an object that others put there.
    pub sha256: Option<String>,
    /// Bytes.
    pub bytes: u64,
}

/// How many versions of an object there are, delete markers left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionsSeen {
    /// Those that we stored.
    pub ours: usize,
    /// Those that others put there.
    pub others: usize,
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum S3Answer {
    /// To `Bucket`.
    Bucket(Option<BucketSeen>),
    /// To `Object`.
    Object(Option<ObjectSeen>),
    /// To `Versions`.
    Versions(VersionsSeen),
    /// To `Holds`: how many, counted up to a thousand.
    Holds(usize),
}
