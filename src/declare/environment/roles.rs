//! `[roles.NAME]`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::shape;

/// An IAM role.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name in IAM; the name of its section when absent.
    #[serde(default)]
    #[schemars(schema_with = "shape::role")]
    pub name: Option<String>,
    /// The service that may assume it, for example `ec2.amazonaws.com`; a list when there are several.
    #[schemars(schema_with = "services")]
    pub service: OneOrMany,
    /// Managed policies: names as AWS lists them, or ARNs.
    #[serde(default)]
    pub policies: Vec<String>,
    /// Whether there is an instance profile of the same name.
    #[serde(default)]
    pub instance_profile: bool,
    /// The secret objects it may read, exactly these.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Whether a role that somebody else made is taken over.
    #[serde(default)]
    pub adopt: bool,
}

/// A text or a list of texts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// A text.
    One(String),
    /// A list of them.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

fn services(generator: &mut SchemaGenerator) -> Schema {
    let service = shape::service_principal(generator);
    json_schema!({ "anyOf": [service, { "type": "array", "items": service, "minItems": 1 }] })
}
