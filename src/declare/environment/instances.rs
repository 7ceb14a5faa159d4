//! `[container_instances.NAME]`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::shape;

/// A host as a container instance of an ECS cluster ("ECS Anywhere").
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerInstance {
    /// The host: a section of `[hosts]`. A playbook of it installs the agents, `ecs-anywhere` for example.
    pub host: String,
    /// The cluster's name, or its ARN.
    #[schemars(schema_with = "shape::cluster")]
    pub cluster: String,
    /// The role that the host acts as: a section of `[roles]`, or an ARN. `ssm.amazonaws.com` must be able to assume it.
    pub role: String,
    /// Whether it takes no tasks: those of services move to others.
    #[serde(default)]
    pub drained: bool,
    /// Whether a registration in Systems Manager that somebody else made is taken over.
    #[serde(default)]
    pub adopt: bool,
}
