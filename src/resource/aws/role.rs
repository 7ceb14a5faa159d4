//! An IAM role: who may assume it, what it may do, and the instance profile EC2 wears it by.

use serde::{Deserialize, Serialize};

use super::Owner;

/// An IAM role as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// The services that may assume it, for example `ec2.amazonaws.com`.
    pub services: Vec<String>,
    /// Managed policies: a name as AWS lists it (`service-role/AmazonEC2ContainerServiceforEC2Role`, the path may be
    /// left out), or a whole ARN.
    pub policies: Vec<String>,
    /// Whether there is an instance profile of the same name.
    pub instance_profile: bool,
    /// Exactly the objects it may read.
    pub reads: Vec<ObjectRef>,
    /// Whether one that somebody else made is taken over.
    pub adopt: bool,
    /// Whose it is.
    pub owner: Owner,
}

/// One object in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRef {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
}
