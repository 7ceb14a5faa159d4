//! `[certificates.NAME]`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::shape;

/// A certificate that hosts are given: one of the user's own by its two files, or one that signs itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The names it must be for; the only place where they are written.
    #[schemars(schema_with = "shape::domains")]
    pub domains: Vec<String>,
    /// The chain of one of your own, PEM, the host's own certificate first: a path from the project's root on.
    pub chain: Option<String>,
    /// Its private key, PEM, which only its owner may read.
    pub key: Option<String>,
    /// Whether it is made here and signs itself, for practice: nobody but who is told of it trusts it.
    #[serde(default)]
    pub self_signed: bool,
}
