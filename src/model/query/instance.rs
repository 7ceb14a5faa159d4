//! What a host and its AWS account say of the host as a container instance.

use serde::{Deserialize, Serialize};

use super::{ecs::ContainerInstanceSeen, ssm::ManagedInstanceSeen};

/// A question to both of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceQuery {
    /// What the host has of the agents, and what Systems Manager and ECS know of it.
    State,
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceAnswer {
    /// To `State`.
    State(Box<InstanceSeen>),
}

/// A host as a container instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceSeen {
    /// What the host says.
    pub host: AgentsSeen,
    /// What Systems Manager knows of the machine; none where the host is not registered or it knows none of that id.
    pub managed: Option<ManagedInstanceSeen>,
    /// What ECS knows of it, in the cluster that the host's agent is set to.
    pub instance: Option<ContainerInstanceSeen>,
}

/// The agents on a host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentsSeen {
    /// Whether the agent of Systems Manager is installed.
    pub ssm_agent: bool,
    /// Whether the agent of ECS is installed.
    pub ecs_agent: bool,
    /// The id that the host is registered under, `mi-…`; empty where it is not.
    pub machine: String,
    /// The region that it is registered in; empty where it is not.
    pub machine_region: String,
    /// The cluster that the agent of ECS is set to; empty where none is set.
    pub cluster: String,
    /// The region that it is set to; empty where none is set.
    pub region: String,
    /// Whether it is set to be outside AWS.
    pub external: bool,
    /// Whether both agents run, and will after a restart of the host.
    pub running: bool,
}
