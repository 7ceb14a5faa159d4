//! The name of one run.

use jiff::Timestamp;

use crate::model::Failure;

/// A name no other run has, in the order of time: `20260203T101112Z-9f86d081`.
///
/// Fails when the system gives no random bytes.
pub fn run_id() -> Result<String, Failure> {
    let mut random = [0; 4];
    getrandom::fill(&mut random).map_err(|error| {
        Failure::new("no random bytes", "A run was to be given its name.").why(error)
    })?;
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    Ok(format!("{now}-{}", hex::encode(random)))
}

/// This second as RFC 3339 in UTC.
pub(super) fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
