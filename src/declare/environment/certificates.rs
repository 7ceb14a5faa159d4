//! `[certificates.NAME]`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{acme::Acme, shape};

/// A certificate of hosts: one of the user's own by its two files, one that signs itself, or one that the host orders.
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
    /// How the host orders it from Let's Encrypt, or from another authority that speaks ACME.
    pub acme: Option<Acme>,
}
