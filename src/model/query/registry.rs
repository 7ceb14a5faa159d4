//! What the registry of deploy targets can be asked.

use serde::{Deserialize, Serialize};

use crate::model::Target;

/// A question to the registry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistryQuery {
    /// The record of a target.
    Target {
        /// Its name.
        name: String,
    },
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistryAnswer {
    /// To `Target`.
    Target(Option<Box<Target>>),
}
