//! What can be done on the operator's own machine.

use serde::Serialize;

/// Something to do on the operator's machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalAction {
    /// Makes an Ed25519 key pair without a passphrase, the private half readable by its owner only.
    MakeKeyPair {
        /// The private key's path.
        path: String,
        /// The comment.
        comment: String,
    },
    /// Takes both halves of a key pair away.
    RemoveKeyPair {
        /// The private key's path.
        path: String,
    },
}
