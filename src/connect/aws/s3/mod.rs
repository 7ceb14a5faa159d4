//! S3: the secrets bucket and its objects. Every request names the account that must own the bucket.

mod act;
mod ask;
mod region;
mod settings;
mod versions;

pub(super) use act::act;
pub(super) use ask::ask;
pub(super) use region::client_of;

/// The metadata key that an object's SHA-256 is stored under, as `x-amz-meta-landfall-sha256`.
const SHA256: &str = "landfall-sha256";

/// The code of a bucket that is not there, or not there yet.
const ABSENT: &str = "NoSuchBucket";

/// What passes: another change of the same bucket is under way, or the bucket was made a moment ago.
const PASSING: [&str; 3] = [
    "OperationAborted",
    "NoSuchBucket",
    "ConditionalRequestConflict",
];
