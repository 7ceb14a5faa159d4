//! What can be done in ECS.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Value;

/// Something to do in ECS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EcsAction {
    /// Registers a new revision of a task definition.
    Register {
        /// The family.
        family: String,
        /// What it says, in the fields of our own type.
        definition: Value,
        /// Tags.
        tags: BTreeMap<String, String>,
    },
    /// Registers a new revision that is like another one in everything but images, and gives its ARN.
    Reimage {
        /// The other revision's ARN.
        revision: String,
        /// The new images, by the containers' names.
        images: BTreeMap<String, String>,
    },
    /// Has a service run this revision and waits until it does; everything else of the service stays.
    ///
    /// Fails when ECS gives the deployment up. What runs then is ECS's to say: it goes back by itself where the service
    /// has a circuit breaker.
    Deploy {
        /// The cluster's name.
        cluster: String,
        /// The service's name.
        service: String,
        /// The revision's ARN.
        revision: String,
        /// Whether its tasks are started anew though it runs this revision already: a tag may name another image by now.
        anew: bool,
    },
    /// Deregisters every active revision of a family that carries these tags.
    Deregister {
        /// The family.
        family: String,
        /// The tags that tell our revisions from others'.
        tags: BTreeMap<String, String>,
    },
    /// Makes a service and waits until it is steady.
    CreateService(ServiceSettings),
    /// Alters a service and waits until it is steady.
    UpdateService(ServiceSettings),
    /// Scales a service to nothing and deletes it.
    DeleteService {
        /// The cluster's name.
        cluster: String,
        /// The service's name.
        name: String,
    },
    /// Runs a task once, waits for its end, tells its log, and fails when a container's exit code is not 0.
    RunTask {
        /// The cluster's name.
        cluster: String,
        /// The family, or a revision's ARN.
        task_definition: String,
        /// The container whose command is replaced.
        container: String,
        /// The command.
        command: Vec<String>,
        /// A token that keeps two equal requests from running two tasks.
        token: String,
        /// On which instances it runs; none for whatever ECS takes.
        #[serde(skip_serializing_if = "Option::is_none")]
        launch_type: Option<String>,
    },
    /// Lets a container instance take tasks, or keeps it from it.
    SetInstanceState {
        /// The cluster's name.
        cluster: String,
        /// The instance's ARN.
        arn: String,
        /// Whether it is to take none.
        drained: bool,
    },
    /// Takes a container instance out of its cluster.
    DeregisterInstance {
        /// The cluster's name.
        cluster: String,
        /// The instance's ARN.
        arn: String,
        /// Whether its tasks are given up; otherwise they must have ended.
        force: bool,
    },
}

/// A service as it shall stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceSettings {
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    pub name: String,
    /// The family, or a revision's ARN; none keeps the one that runs.
    pub task_definition: Option<String>,
    /// How many tasks are wanted; none keeps the number.
    pub desired: Option<i32>,
    /// `minimumHealthyPercent`.
    pub minimum_healthy: i32,
    /// `maximumPercent`.
    pub maximum: i32,
    /// On which instances its tasks run, said when it is made; none for whatever ECS takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_type: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}
