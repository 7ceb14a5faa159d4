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
    /// Makes a certificate that signs itself, and its private key, which its owner alone can read.
    MakeCertificate {
        /// The chain's path.
        chain: String,
        /// The private key's path.
        key: String,
        /// The names it is for.
        domains: Vec<String>,
        /// For how many days from now on.
        days: u16,
    },
    /// Takes a certificate and its private key away.
    RemoveCertificate {
        /// The chain's path.
        chain: String,
        /// The private key's path.
        key: String,
    },
}
