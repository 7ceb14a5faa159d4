//! Waiting for AWS to agree with itself: what was just made is not known everywhere at once.

use std::time::Duration;

/// How long to go on trying.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The first pause; each further one is twice as long.
    pub first: Duration,
    /// How many pauses at most.
    pub pauses: u32,
}

impl Default for Patience {
    /// Six pauses from half a second: 31.5 s. IAM's changes are everywhere within seconds, seldom within half a minute.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            pauses: 6,
        }
    }
}
