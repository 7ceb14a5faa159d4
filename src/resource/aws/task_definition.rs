//! An ECS task definition: a new revision is registered only when what it says differs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Owner;

/// A task definition as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskDefinition {
    /// The family.
    pub family: String,
    /// `bridge`, `host`, `awsvpc` or `none`; ECS's default when absent.
    pub network_mode: Option<String>,
    /// The task's CPU units, as ECS writes them (`"256"`).
    pub cpu: Option<String>,
    /// The task's memory in MiB, as ECS writes it (`"512"`).
    pub memory: Option<String>,
    /// The role the containers act as: a name or an ARN.
    pub task_role: Option<String>,
    /// The role the agent acts as: a name or an ARN.
    pub execution_role: Option<String>,
    /// Its containers by name.
    pub containers: BTreeMap<String, Container>,
    /// Whose it is.
    pub owner: Owner,
}

/// A container of a task definition, as `[tasks.NAME.containers.NAME]` declares it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// The image, with its tag or digest.
    pub image: String,
    /// Hard limit of its memory in MiB.
    pub memory: Option<i32>,
    /// CPU units.
    pub cpu: Option<i32>,
    /// The command, as words.
    #[serde(default)]
    pub command: Vec<String>,
    /// The working directory.
    pub working_directory: Option<String>,
    /// Environment variables. Not for secrets: anybody who may describe the task definition reads them.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Ports as `container` or `host:container`, with `/udp` behind if need be.
    #[serde(default)]
    pub ports: Vec<String>,
    /// Whether the task ends when this container does.
    #[serde(default = "yes")]
    pub essential: bool,
    /// The CloudWatch log group its output goes to.
    pub log_group: Option<String>,
}

fn yes() -> bool {
    true
}
