//! What can be done in IAM.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Value;

/// Something to do in IAM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IamAction {
    /// Makes a role.
    CreateRole {
        /// Its name.
        name: String,
        /// Who may assume it.
        trust: Value,
        /// Tags.
        tags: BTreeMap<String, String>,
    },
    /// Sets who may assume a role.
    SetTrust {
        /// The role's name.
        name: String,
        /// Who may assume it.
        trust: Value,
    },
    /// Attaches a managed policy.
    Attach {
        /// The role's name.
        role: String,
        /// The policy's ARN.
        policy: String,
    },
    /// Detaches a managed policy.
    Detach {
        /// The role's name.
        role: String,
        /// The policy's ARN.
        policy: String,
    },
    /// Sets an inline policy.
    PutInline {
        /// The role's name.
        role: String,
        /// The policy's name.
        name: String,
        /// What it says.
        document: Value,
    },
    /// Takes an inline policy away.
    DeleteInline {
        /// The role's name.
        role: String,
        /// The policy's name.
        name: String,
    },
    /// Makes an instance profile, if need be, and puts the role into it.
    PutInProfile {
        /// The role's name.
        role: String,
        /// The profile's name.
        profile: String,
        /// Tags of a profile that is made.
        tags: BTreeMap<String, String>,
    },
    /// Takes the role out of a profile and deletes the profile.
    DeleteProfile {
        /// The role's name.
        role: String,
        /// The profile's name.
        profile: String,
    },
    /// Sets tags.
    Tag {
        /// The role's name.
        role: String,
        /// Tags.
        tags: BTreeMap<String, String>,
    },
    /// Takes tags away.
    Untag {
        /// The role's name.
        role: String,
        /// The tags' keys.
        keys: Vec<String>,
    },
    /// Deletes a role that nothing hangs on any more.
    DeleteRole {
        /// Its name.
        name: String,
    },
}
