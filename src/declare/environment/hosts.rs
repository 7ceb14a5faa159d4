//! `[keys.NAME]`, `[hosts.NAME]` and `[targets.NAME]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::shape;
use crate::model::Map;

/// An SSH key pair on the operator's machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The private key, relative to the project's root; `.landfall/keys/ENVIRONMENT/NAME` when absent.
    pub file: Option<String>,
    /// The comment of a pair that is made; `NAME@PROJECT-ENVIRONMENT` when absent.
    pub comment: Option<String>,
}

/// A host that is reached by SSH.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// A name or an IP address.
    #[schemars(schema_with = "shape::host")]
    pub address: String,
    /// The port of its sshd.
    #[serde(default = "ssh_port")]
    #[schemars(schema_with = "shape::port")]
    pub port: u16,
    /// The user to log in as.
    #[serde(default = "root")]
    #[schemars(schema_with = "shape::user")]
    pub user: String,
    /// The private key; the agent's and ssh's own defaults when absent.
    pub identity: Option<String>,
    /// A file with the password that `sudo` asks for.
    pub sudo_password_file: Option<String>,
    /// Whether tasks run as root.
    #[serde(default = "yes")]
    pub r#become: bool,
    /// `NAME` for `playbooks/NAME.yml` of the project, else the playbook of that name that comes with Landfall; or a
    /// path inside the project. A host without one is only registered.
    #[serde(default)]
    #[schemars(schema_with = "shape::file_name")]
    pub playbook: Option<String>,
    /// Several playbooks, each named as `playbook` is, one after the other: `["docker-host", "hardening"]`. They have the
    /// host's variables in common.
    #[serde(default)]
    #[schemars(schema_with = "shape::file_names")]
    pub playbooks: Vec<String>,
    /// The certificates that the playbook places: sections of `[certificates]`. It has them as `tls_certificates`, and
    /// their names as `certificate_domains`.
    #[serde(default)]
    pub certificates: Vec<String>,
    /// Variables of the playbook.
    #[serde(default)]
    pub vars: Map,
}

/// A place one may deploy to: a service on a cluster, a host, or a Swarm of hosts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// A host: a section of `[hosts]`.
    pub host: Option<String>,
    /// A Swarm: a section of `[swarms]`. It is deployed to as a stack, through its first manager.
    pub swarm: Option<String>,
    /// The user that deploys; the `deploy_user` of the host's variables or of its playbook, else the host's user.
    #[serde(default)]
    #[schemars(schema_with = "shape::user")]
    pub user: Option<String>,
    /// The ECS cluster's name, or its ARN.
    #[serde(default)]
    #[schemars(schema_with = "shape::cluster")]
    pub cluster: Option<String>,
    /// The ECS service's name, or its ARN.
    #[serde(default)]
    #[schemars(schema_with = "shape::service")]
    pub service: Option<String>,
    /// The service's task definition: a section of `[tasks]`, or a family by `{{ … }}`.
    pub task: Option<String>,
    /// The role that a deployment assumes: a section of `[roles]`, or an ARN.
    pub role: Option<String>,
    /// The further services of the cluster that it consists of, by the names that deployments call them.
    #[serde(default)]
    #[schemars(schema_with = "shape::services")]
    pub services: BTreeMap<String, String>,
    /// The key pair that CI logs in to the host with: a section of `[keys]`.
    pub key: Option<String>,
    /// The repositories of the images that are deployed to it, by the names that deployments call them; without tag.
    #[serde(default)]
    #[schemars(schema_with = "shape::images")]
    pub images: BTreeMap<String, String>,
    /// The ports of the host that shall answer from outside beside sshd's. Where it is given, any other that answers is a
    /// fault of the target.
    #[serde(default)]
    #[schemars(schema_with = "shape::ports")]
    pub ports: Option<Vec<u16>>,
}

fn ssh_port() -> u16 {
    22
}

fn root() -> String {
    "root".to_owned()
}

fn yes() -> bool {
    true
}
