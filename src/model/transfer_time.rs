//! How long bytes may be under way.

use std::time::Duration;

/// Half a megabit a second: whoever has less has a line on which little else works.
const BYTES_A_SECOND: u64 = 64 << 10;

/// The time that so many bytes may take, either way, beside that of an exchange without them.
pub fn transfer_time(bytes: u64) -> Duration {
    Duration::from_secs(bytes / BYTES_A_SECOND)
}
