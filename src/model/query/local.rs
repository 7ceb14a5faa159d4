//! What the operator's own machine can be asked.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{CertificateFacts, Content};

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
    /// A certificate and its private key, judged for the names it must be for.
    Certificate {
        /// The chain's path.
        chain: String,
        /// The private key's path.
        key: String,
        /// The names.
        domains: Vec<String>,
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

/// A certificate and its private key on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFiles {
    /// What the certificate says; none where it could not be read.
    pub leaf: Option<CertificateFacts>,
    /// The chain.
    pub chain: Content,
    /// The private key, which is secret.
    pub key: Content,
    /// The key file's permission bits; none where it is not there.
    pub key_mode: Option<u32>,
    /// What is wrong with them.
    pub faults: Vec<CertificateFault>,
    /// When they were read: what has expired, and what is near its end, is so at that time.
    pub at: Timestamp,
}

/// Something that is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFault {
    /// What is wrong, as a whole sentence.
    pub why: String,
    /// What to do.
    pub help: String,
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalAnswer {
    /// To `KeyPair`.
    KeyPair(Option<KeyPair>),
    /// To `Certificate`; none where neither file is there.
    Certificate(Option<Box<CertificateFiles>>),
}
