//! `[tasks.NAME]`, `[services.NAME]` and `[jobs.NAME]`.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::shape;
use crate::resource::aws::Container;

/// An ECS task definition.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its family; `PROJECT-ENVIRONMENT-NAME` when absent.
    #[serde(default)]
    #[schemars(schema_with = "shape::ecs")]
    pub family: Option<String>,
    /// How its containers are networked; ECS's default when absent.
    #[serde(default)]
    #[schemars(schema_with = "network_mode")]
    pub network_mode: Option<String>,
    /// CPU units of the whole task: 128 to 196608 (ECS API reference, `RegisterTaskDefinition`).
    #[schemars(range(min = 128, max = 196_608))]
    pub cpu: Option<u32>,
    /// Memory of the whole task in MiB.
    #[schemars(range(min = 4))]
    pub memory: Option<u32>,
    /// The role its containers act as: a role of this file by its section's name, or an ARN.
    pub task_role: Option<String>,
    /// The role the agent acts as: a role of this file by its section's name, or an ARN.
    pub execution_role: Option<String>,
    /// Its containers by name.
    #[schemars(extend("propertyNames" = shape::container()))]
    pub containers: BTreeMap<String, Container>,
}

/// An ECS service.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name in ECS; `PROJECT-ENVIRONMENT-NAME` when absent.
    #[serde(default)]
    #[schemars(schema_with = "shape::ecs")]
    pub service_name: Option<String>,
    /// The cluster's name, or its ARN.
    #[schemars(schema_with = "shape::cluster")]
    pub cluster: String,
    /// Its task definition: a section of `[tasks]`.
    pub task: String,
    /// How many tasks are wanted.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 5000))]
    pub desired: i32,
    /// How many per cent of them must stay up during a deployment.
    #[serde(default = "hundred")]
    #[schemars(range(min = 0, max = 100))]
    pub minimum_healthy: i32,
    /// How many per cent of them there may be during a deployment.
    #[serde(default = "two_hundred")]
    #[schemars(range(min = 100, max = 200))]
    pub maximum: i32,
    /// On which instances its tasks run: `EXTERNAL` for those of `[container_instances]`; ECS's default when absent.
    #[serde(default)]
    #[schemars(schema_with = "launch_type")]
    pub launch_type: Option<String>,
    /// Whether a service that somebody else made is taken over.
    #[serde(default)]
    pub adopt: bool,
}

/// An ECS task that runs once for each state of its declaration.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The cluster's name, or its ARN.
    #[schemars(schema_with = "shape::cluster")]
    pub cluster: String,
    /// Its task definition: a section of `[tasks]`.
    pub task: String,
    /// The container whose command is replaced; may be absent when the task has one only.
    pub container: Option<String>,
    /// The command, as words.
    pub command: Vec<String>,
    /// On which instances it runs: `EXTERNAL` for those of `[container_instances]`; ECS's default when absent.
    #[serde(default)]
    #[schemars(schema_with = "launch_type")]
    pub launch_type: Option<String>,
}

fn network_mode(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["bridge", "host", "awsvpc", "none"] })
}

fn launch_type(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["EC2", "EXTERNAL"] })
}

fn one() -> i32 {
    1
}

fn hundred() -> i32 {
    100
}

fn two_hundred() -> i32 {
    200
}
