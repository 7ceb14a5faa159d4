//! Marks for telling what is ours in the output of a host.

use crate::model::Failure;

/// A mark that no output can hold by chance, new for each request.
pub fn nonce() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::bug(format!("no random bytes could be had: {error}")))?;
    Ok(["lf", &hex::encode(bytes)].concat())
}
