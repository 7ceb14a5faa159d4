//! `[secrets]` and `[secrets.objects."KEY"]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::shape;

/// The secrets of an environment.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// The bucket's name, unique in all of AWS and hard to guess. Needed when there are objects.
    #[serde(default)]
    #[schemars(schema_with = "shape::bucket")]
    pub bucket: Option<String>,
    /// Dotenv files, relative to the project's root; a later one wins. `.env.local` may be absent, and all of
    /// it is secret.
    #[serde(default)]
    #[schemars(schema_with = "shape::all_early")]
    pub env: Vec<String>,
    /// Whether a bucket that somebody else made is taken over.
    #[serde(default)]
    pub adopt: bool,
    /// The objects by key.
    #[serde(default)]
    pub objects: BTreeMap<String, SecretObject>,
}

/// One object in the secrets bucket: a file, or the ECS agent's settings made from docker credentials.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretObject {
    /// A file, relative to the project's root.
    pub file: Option<String>,
    /// A registry that `docker login` stored credentials for, as the docker configuration names it.
    pub registry: Option<String>,
    /// The docker configuration file to read them from; the operator's own when absent.
    pub docker_config: Option<String>,
}
