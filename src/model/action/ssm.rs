//! What can be done in AWS Systems Manager.

use std::collections::BTreeMap;

use serde::Serialize;

/// Something to do in Systems Manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SsmAction {
    /// Makes an activation by which one machine can register within the hour. Gives its id and its code, apart by a space,
    /// as a secret.
    Activate {
        /// The name of the role that the machine acts as.
        role: String,
        /// What the machine is called.
        name: String,
        /// The tags that the managed instance gets.
        tags: BTreeMap<String, String>,
    },
    /// Takes an activation away. What was registered by it stays.
    DeleteActivation {
        /// Its id.
        id: String,
    },
    /// Has a managed instance act as another role.
    SetRole {
        /// Its id, `mi-…`.
        instance: String,
        /// The role's name.
        role: String,
    },
    /// Sets tags of a managed instance.
    Tag {
        /// Its id, `mi-…`.
        instance: String,
        /// The tags.
        tags: BTreeMap<String, String>,
    },
    /// Has Systems Manager forget a managed instance.
    Deregister {
        /// Its id, `mi-…`.
        instance: String,
    },
}
