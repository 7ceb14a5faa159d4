//! `[swarms.NAME]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::shape;

/// A Docker Swarm of hosts that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Swarm {
    /// The hosts that manage it: sections of `[hosts]`. The first makes it, and stacks are deployed through it.
    #[schemars(schema_with = "shape::managers")]
    pub managers: Vec<String>,
    /// The hosts that only run tasks.
    #[serde(default)]
    pub workers: Vec<String>,
    /// Those of its hosts that run no tasks: their tasks go to others.
    #[serde(default)]
    pub drained: Vec<String>,
    /// The addresses, or interfaces, by which the hosts reach each other; those that Docker finds for hosts that are not
    /// named here.
    #[serde(default)]
    #[schemars(schema_with = "shape::addresses")]
    pub addresses: BTreeMap<String, String>,
    /// Labels of hosts, for what services say under `placement`.
    #[serde(default)]
    #[schemars(schema_with = "shape::node_labels")]
    pub labels: BTreeMap<String, BTreeMap<String, String>>,
}
