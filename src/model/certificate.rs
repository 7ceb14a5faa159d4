//! What an X.509 certificate says.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What a certificate says of itself (RFC 5280).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFacts {
    /// Whose it is: `CN=review.example.org`.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The names and addresses it is for, in lower case.
    pub names: Vec<String>,
    /// From when on it is valid.
    pub not_before: Timestamp,
    /// When it is not valid any more.
    pub not_after: Timestamp,
    /// Whether it may sign others.
    pub authority: bool,
    /// Whether it signed itself, so that only who was told of it trusts it.
    pub self_signed: bool,
    /// The SHA-256 of the whole, in hexadecimal.
    pub fingerprint: String,
}

impl CertificateFacts {
    /// For how many whole days from then on it is valid; negative once it has expired.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        let left: SignedDuration = self.not_after.duration_since(now);
        left.as_secs().div_euclid(24 * 60 * 60)
    }
}
