//! Where one can now deploy, as CI is told.

use serde::{Deserialize, Serialize};

/// A registered deploy target. Holds nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its name in the environment.
    pub name: String,
    /// The project it belongs to.
    pub project: String,
    /// The environment it belongs to.
    pub environment: String,
    /// When it was registered or last changed: RFC 3339, UTC.
    pub registered: String,
    /// What it is.
    #[serde(flatten)]
    pub kind: TargetKind,
}

/// The two places one can deploy to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TargetKind {
    /// A service on an ECS cluster.
    Ecs(EcsTarget),
    /// A host with Docker or without.
    Host(HostTarget),
}

/// A service on an ECS cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EcsTarget {
    /// The account's twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    pub service: String,
    /// The family of the service's task definition.
    pub task_family: Option<String>,
    /// The role that a deployment assumes, by ARN.
    pub role: Option<String>,
}

/// A host one can deploy to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostTarget {
    /// Name or IP address.
    pub address: String,
    /// The port of its sshd.
    pub port: u16,
    /// The user that deploys.
    pub user: String,
    /// Its host keys as `known_hosts` writes them, without the name: `ssh-ed25519 AAAA…`.
    pub host_keys: Vec<String>,
    /// What the deploy user may do as root, as its sudoers rule lists it.
    pub sudo: Vec<String>,
    /// The Docker engine's version, if it has one.
    pub docker: Option<String>,
    /// The compose plugin's version, if it has one.
    pub compose: Option<String>,
    /// The directories made for the application.
    pub directories: Vec<String>,
}
