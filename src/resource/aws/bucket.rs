//! The S3 bucket that holds an environment's secrets: private, encrypted, versioned, reached by TLS only.

use serde::{Deserialize, Serialize};

use super::Owner;

/// A secrets bucket as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Its name, unique in all of AWS.
    pub name: String,
    /// Whether one that somebody else made is taken over.
    pub adopt: bool,
    /// Whether it may be deleted while it holds objects: its name was typed.
    #[serde(default)]
    pub delete_with_objects: bool,
    /// Whose it is.
    pub owner: Owner,
}
