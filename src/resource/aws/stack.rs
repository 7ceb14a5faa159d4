//! A CloudFormation stack, created and updated by change sets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Owner;

/// A stack as it shall stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// The template's name as the environment has it, for messages.
    pub template: String,
    /// The template's text.
    pub body: String,
    /// Parameters.
    pub parameters: BTreeMap<String, String>,
    /// The parameters that the template marks `NoEcho`.
    pub secret_parameters: Vec<String>,
    /// `CAPABILITY_IAM` and the like.
    pub capabilities: Vec<String>,
    /// The user's tags.
    pub tags: BTreeMap<String, String>,
    /// Whether one that somebody else made is taken over.
    pub adopt: bool,
    /// Whose it is.
    pub owner: Owner,
}
