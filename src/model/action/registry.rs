//! What can be done in the registry of deploy targets.

use serde::Serialize;

use crate::model::Target;

/// Something to do in the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistryAction {
    /// Writes a target's record down.
    Register(Box<Target>),
    /// Takes a target's record out.
    Remove {
        /// Its name.
        name: String,
    },
}
