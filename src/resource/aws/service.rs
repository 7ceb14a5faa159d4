//! An ECS service.

use serde::{Deserialize, Serialize};

use super::Owner;

/// A service as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The cluster's name.
    pub cluster: String,
    /// The family of its task definition.
    pub task_definition: String,
    /// How many tasks are wanted.
    pub desired: i32,
    /// `minimumHealthyPercent` of a deployment.
    pub minimum_healthy: i32,
    /// `maximumPercent` of a deployment.
    pub maximum: i32,
    /// Whether one that somebody else made is taken over.
    pub adopt: bool,
    /// Whose it is.
    pub owner: Owner,
}
