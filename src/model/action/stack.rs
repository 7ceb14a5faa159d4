//! What can be done in CloudFormation.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::model::Content;

/// Something to do in CloudFormation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StackAction {
    /// Creates or updates a stack by a change set and waits until it stands, telling its events.
    Deploy(DeployStack),
    /// Deletes a stack and waits until it is gone, telling its events.
    Delete {
        /// Its name.
        name: String,
        /// Its id, so that another stack of the same name is never meant.
        id: String,
    },
}

/// A stack as it shall stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeployStack {
    /// Its name.
    pub name: String,
    /// The template's text.
    pub template: String,
    /// Parameters; those that the template marks `NoEcho` are secret.
    #[serde(serialize_with = "hidden")]
    pub parameters: BTreeMap<String, Content>,
    /// Parameters that keep the value they have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// `CAPABILITY_IAM` and the like.
    pub capabilities: Vec<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// Not even a digest of a secret parameter: passwords are short enough to be guessed from it.
fn hidden<S: Serializer>(
    parameters: &BTreeMap<String, Content>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(parameters.iter().map(|(name, value)| {
        let shown = if value.is_secret() {
            "****"
        } else {
            value.text().unwrap_or_default()
        };
        (name, shown)
    }))
}
