//! An ECS task that runs once for each state of its declaration: migrations, collected static files.

use serde::{Deserialize, Serialize};

use super::Owner;

/// A one-off task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// The cluster's name.
    pub cluster: String,
    /// The family of its task definition.
    pub task_definition: String,
    /// The container whose command is replaced.
    pub container: String,
    /// The command, as words.
    pub command: Vec<String>,
    /// The digest of the declaration it last ran well with, as the ledger remembers it.
    #[serde(default)]
    pub ran: Option<String>,
    /// Whose it is.
    pub owner: Owner,
}
