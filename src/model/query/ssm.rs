//! What AWS Systems Manager can be asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A question to Systems Manager.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SsmQuery {
    /// A machine outside AWS that is managed.
    ManagedInstance {
        /// Its id, `mi-…`.
        id: String,
    },
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SsmAnswer {
    /// To `ManagedInstance`.
    ManagedInstance(Option<ManagedInstanceSeen>),
}

/// A managed instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedInstanceSeen {
    /// The name of the role that it acts as.
    pub role: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}
