//! What the operator's own machine can be asked.

use serde::{Deserialize, Serialize};

/// A question to the operator's machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalQuery {
    /// The public half of an SSH key pair. Of the private half no more is read than tells whether the two belong
    /// together.
    KeyPair {
        /// The private key's path; the public half is beside it with `.pub`.
        path: String,
    },
}

/// An SSH key pair on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPair {
    /// The public half as `authorized_keys` has it: `ssh-ed25519 AAAA… comment`.
    pub public: String,
    /// The private file's permission bits; none where the public half alone is there.
    pub mode: Option<u32>,
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalAnswer {
    /// To `KeyPair`.
    KeyPair(Option<KeyPair>),
}
