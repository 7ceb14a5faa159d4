//! What ECS can be asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Value;

/// A question to ECS.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EcsQuery {
    /// The newest active revision of a family.
    TaskDefinition {
        /// The family.
        family: String,
    },
    /// The newest active revision of a family that carries these tags.
    TaggedTaskDefinition {
        /// The family.
        family: String,
        /// The tags that tell our revisions from others'.
        tags: BTreeMap<String, String>,
    },
    /// A service.
    Service {
        /// The cluster's name.
        cluster: String,
        /// The service's name.
        name: String,
    },
    /// The images that the running tasks of a service were started from.
    RunningImages {
        /// The cluster's name.
        cluster: String,
        /// The service's name.
        service: String,
        /// The ARN of the revision that the tasks must run.
        revision: String,
    },
    /// The container instance of a cluster that a machine is.
    ContainerInstance {
        /// The cluster's name.
        cluster: String,
        /// The machine's id: of one outside AWS the managed instance's, `mi-…`.
        machine: String,
    },
}

/// A revision of a task definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskDefinitionSeen {
    /// Its ARN, with the revision.
    pub arn: String,
    /// The revision's number.
    pub revision: i32,
    /// What it says, in the fields of our own type.
    pub definition: Value,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSeen {
    /// Its ARN.
    pub arn: String,
    /// `ACTIVE`, `DRAINING`, `INACTIVE`.
    pub status: String,
    /// The ARN of the revision it runs.
    pub task_definition: String,
    /// How many tasks are wanted.
    pub desired: i32,
    /// How many run.
    pub running: i32,
    /// `minimumHealthyPercent`.
    pub minimum_healthy: Option<i32>,
    /// `maximumPercent`.
    pub maximum: Option<i32>,
    /// `launchType`: `EC2`, `FARGATE`, `EXTERNAL`; none where its capacity comes from providers.
    #[serde(default)]
    pub launch_type: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A container instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerInstanceSeen {
    /// Its ARN.
    pub arn: String,
    /// `ACTIVE`, `DRAINING`, `REGISTERING`, `DEREGISTERING`, `REGISTRATION_FAILED`.
    pub status: String,
    /// Whether its agent is connected.
    pub connected: bool,
    /// How many tasks run on it, or are to.
    pub tasks: i32,
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EcsAnswer {
    /// To `TaskDefinition` and `TaggedTaskDefinition`.
    TaskDefinition(Option<TaskDefinitionSeen>),
    /// To `Service`.
    Service(Option<ServiceSeen>),
    /// To `RunningImages`: the digests by the words of the images, where ECS tells them.
    RunningImages(BTreeMap<String, String>),
    /// To `ContainerInstance`.
    ContainerInstance(Option<ContainerInstanceSeen>),
}
