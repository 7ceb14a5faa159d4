//! Credentials that are read from JSON.

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// Text that is wiped when dropped.
pub(super) fn wiped<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}
