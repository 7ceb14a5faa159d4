//! Everything the program can ask, and the shapes of the answers.
//!
//! A query is a value: equal queries have equal answers until an action changed something, so answers are
//! remembered by query, and a test is a file of queries and answers.

pub mod ecs;
pub mod host;
pub mod iam;
pub mod instance;
pub mod local;
pub mod network;
pub mod registry;
pub mod s3;
pub mod ssm;
pub mod stack;
pub mod swarm;

use serde::{Deserialize, Serialize};

use super::Failure;

/// A question. Asking changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// About IAM, and who we are there.
    Iam(iam::IamQuery),
    /// About S3.
    S3(s3::S3Query),
    /// About CloudFormation.
    Stack(stack::StackQuery),
    /// About ECS.
    Ecs(ecs::EcsQuery),
    /// About a host.
    Host(host::HostQuery),
    /// About the operator's machine.
    Local(local::LocalQuery),
    /// About whatever answers at an address.
    Network(network::NetworkQuery),
    /// About registered deploy targets.
    Registry(registry::RegistryQuery),
    /// About a Swarm of several hosts.
    Swarm(swarm::SwarmQuery),
    /// About Systems Manager.
    Ssm(ssm::SsmQuery),
    /// About a host as a container instance.
    Instance(instance::InstanceQuery),
}

/// An answer, of the shape that belongs to its question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// From IAM.
    Iam(iam::IamAnswer),
    /// From S3.
    S3(s3::S3Answer),
    /// From CloudFormation.
    Stack(stack::StackAnswer),
    /// From ECS.
    Ecs(ecs::EcsAnswer),
    /// From a host.
    Host(host::HostAnswer),
    /// From the operator's machine.
    Local(local::LocalAnswer),
    /// From the network.
    Network(network::NetworkAnswer),
    /// From the registry.
    Registry(registry::RegistryAnswer),
    /// From the engines of a Swarm.
    Swarm(swarm::SwarmAnswer),
    /// From Systems Manager.
    Ssm(ssm::SsmAnswer),
    /// From a host and its account.
    Instance(instance::InstanceAnswer),
}

impl Answer {
    /// The failure of having been given an answer of another shape than the question has.
    pub fn mismatch(&self, query: &Query) -> Failure {
        Failure::bug(format!(
            "{query:?} was answered with another question's shape"
        ))
    }
}

/// Unpacks an answer of one shape, or returns the failure that it has another.
///
/// `answer!(probe, Query::Host(HostQuery::Facts), Answer::Host(HostAnswer::Facts(facts)) => facts)`
#[macro_export]
macro_rules! answer {
    ($probe:expr, $query:expr, $pattern:pat => $value:expr) => {{
        let query = $query;
        match $probe.ask(&query).await? {
            $pattern => $value,
            other => return Err(other.mismatch(&query)),
        }
    }};
}
