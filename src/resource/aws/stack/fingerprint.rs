//! Noticing that a secret parameter changed, although AWS never tells its value.
//!
//! The stack carries a tag with a fingerprint of all its secret parameters together. Whoever may read tags could try
//! guesses against it, so it is slow to compute, it is bound to this stack of this environment, and it is only kept
//! when the secrets together are long enough that guessing is hopeless. Shorter ones have no fingerprint: they are
//! sent each time, and CloudFormation finds out whether they differ.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::Stack;

/// The tag that holds the fingerprint.
pub const TAG: &str = "landfall:secrets";

/// Bytes that the secrets must have together: below, lists of common passwords and brute force come within reach.
const LEAST: usize = 16;

/// Rounds of SHA-256: a guess costs tens of milliseconds, as does a plan.
const ROUNDS: u32 = 100_000;

impl Stack {
    /// The user's tags, ours, and the fingerprint of the secret parameters.
    pub(super) fn all_tags(&self, adopted: bool) -> BTreeMap<String, String> {
        let mut tags = self.tags.clone();
        tags.extend(self.owner.tags(adopted));
        if let Some(fingerprint) = self.fingerprint() {
            tags.insert(TAG.to_owned(), fingerprint);
        }
        tags
    }

    /// What the reader of a plan must know about secrets that are too short.
    pub(super) fn unnoticeable(&self) -> Option<String> {
        let secret = self.parameters.keys().any(|name| self.is_secret(name));
        (secret && self.fingerprint().is_none()).then(|| {
            format!(
                "The secret parameters have fewer than {LEAST} characters together: whether they differ cannot be \
                 remembered safely, so they are sent each time."
            )
        })
    }

    /// The fingerprint of the secret parameters; none when there are none or they are too short.
    pub(super) fn fingerprint(&self) -> Option<String> {
        let mut text = Zeroizing::new(Vec::new());
        let mut length = 0;
        for (name, value) in &self.parameters {
            if self.is_secret(name) {
                length += value.len();
                part(&mut text, name);
                part(&mut text, value);
            }
        }
        if length < LEAST {
            return None;
        }
        let mut salt = Vec::new();
        part(&mut salt, &self.owner.label());
        part(&mut salt, &self.name);
        let first = Sha256::new()
            .chain_update(&salt)
            .chain_update(text.as_slice());
        let last = (1..ROUNDS).fold(first.finalize(), |digest, _| {
            Sha256::new()
                .chain_update(digest)
                .chain_update(&salt)
                .finalize()
        });
        Some(format!("v1:{}", hex::encode(&last[..16])))
    }
}

/// A text with its length before it, so that no two lists of texts are the same bytes.
fn part(into: &mut Vec<u8>, text: &str) {
    into.extend((text.len() as u64).to_be_bytes());
    into.extend(text.as_bytes());
}
