//! One secret object in the bucket, uploaded only when its content differs and shown by digest only.

use serde::{Deserialize, Serialize};

use super::Owner;
use crate::model::Content;

/// A secret object as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// The bucket's name.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Where its content comes from.
    pub source: ObjectSource,
    /// The content, once it was read; never serialised.
    #[serde(skip)]
    pub content: Option<Content>,
    /// Whose it is.
    pub owner: Owner,
}

/// Where an object's content comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectSource {
    /// A file, relative to the project's root.
    File(String),
    /// The ECS agent's settings with the credentials that `docker login` stored for this registry.
    Registry {
        /// The registry as the docker configuration names it, for example `https://index.docker.io/v1/`.
        url: String,
        /// The docker configuration file, relative to the project's root; the operator's own when absent.
        docker_config: Option<String>,
    },
}
