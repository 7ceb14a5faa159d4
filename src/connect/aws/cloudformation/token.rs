//! Names that no other run uses.

use jiff::Timestamp;

use crate::model::Failure;

/// How every name begins that we give.
pub(super) const OURS: &str = "landfall-";

/// `landfall-20261120T234500-1a2b3c4d`: when, for people; by chance, for two runs in one second.
pub(super) fn fresh() -> Result<String, Failure> {
    let mut chance = [0_u8; 4];
    getrandom::fill(&mut chance).map_err(|error| {
        Failure::new(
            "the system gives no random numbers",
            "naming a request to AWS",
        )
        .why(error)
    })?;
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%S");
    Ok(format!("{OURS}{now}-{}", hex::encode(chance)))
}
