//! Bytes that travel to the world, and how little of them is ever shown.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The SHA-256 of some bytes, with their number: all that is shown of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Digest {
    /// Lower-case hexadecimal, 64 digits.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
}

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            sha256: hex::encode(Sha256::digest(bytes)),
            bytes: bytes.len() as u64,
        }
    }
}

impl fmt::Display for Digest {
    /// `sha256:1a2b3c4d5e6f, 120 bytes`: twelve digits are enough to compare by eye.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = self.sha256.get(..12).unwrap_or(&self.sha256);
        write!(f, "sha256:{head}, {} bytes", self.bytes)
    }
}

/// Text that must never be shown: no `Display`, no `Serialize`, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the text, so that no other copy is kept.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the one place that hands it on (a request body or a program's standard input).
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The bytes of a file or an object. `Debug` shows the digest only.
///
/// Serialised (in plans and test files) it is text when it is not secret and valid UTF-8, else its digest;
/// only the text form can be read back.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    bytes: Zeroizing<Vec<u8>>,
    secret: bool,
}

impl Content {
    /// Bytes that may be shown in a diff.
    pub fn public(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: Zeroizing::new(bytes.into()),
            secret: false,
        }
    }

    /// Bytes of which only the digest may be shown.
    pub fn secret(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: Zeroizing::new(bytes.into()),
            secret: true,
        }
    }

    /// Whether only the digest may be shown.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// The bytes themselves.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text, when it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// SHA-256 and length.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }
}

impl Hash for Content {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.as_slice().hash(state);
        self.secret.hash(state);
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({})", self.digest())
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.text() {
            Some(text) if !self.secret => serializer.serialize_str(text),
            _ => self.digest().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Content::public)
    }
}
