//! What CloudFormation can be asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A question to CloudFormation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StackQuery {
    /// A stack with its template.
    Stack {
        /// Its name.
        name: String,
    },
    /// What a stack is made of, down into its nested stacks.
    Parts {
        /// Its id.
        id: String,
    },
}

/// A stack with its template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StackSeen {
    /// Its id (an ARN).
    pub id: String,
    /// Its state, for example `CREATE_COMPLETE`.
    pub status: String,
    /// Why it is in that state, where AWS says it.
    pub reason: Option<String>,
    /// The template as it was given.
    pub template: String,
    /// Parameters; `****` where the template says `NoEcho`.
    pub parameters: BTreeMap<String, String>,
    /// Outputs.
    pub outputs: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Whether it is protected from being deleted.
    pub protected: bool,
}

/// One of the stacks that a stack is made of: itself, or one nested in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StackPart {
    /// The resources that lead to it, each with a `/` behind it; empty for the stack itself.
    pub path: String,
    /// Its template as it is carried out, after macros; none where it may not be read.
    pub template: Option<String>,
    /// Its resources that stand, with their types; none where they may not be listed.
    pub resources: Option<BTreeMap<String, String>>,
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StackAnswer {
    /// To `Stack`.
    Stack(Option<StackSeen>),
    /// To `Parts`: the stack itself first.
    Parts(Vec<StackPart>),
}
