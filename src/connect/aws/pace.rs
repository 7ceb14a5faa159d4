//! The pauses between two looks at something that takes its time.

use std::time::Duration;

use super::Patience;

/// Pauses that grow to ten times the first and end after a number of them.
pub(super) struct Pace {
    next: Duration,
    longest: Duration,
    left: u32,
}

impl Pace {
    /// At most so many pauses; with the default patience they come to five seconds each.
    pub(super) fn new(patience: Patience, pauses: u32) -> Self {
        Self {
            next: patience.first,
            longest: patience.first * 10,
            left: pauses,
        }
    }

    /// Pauses, or says `false` at once when there were enough.
    pub(super) async fn pause(&mut self) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 3 / 2).min(self.longest);
        true
    }

    /// Something moved: looks more often again.
    pub(super) fn quicken(&mut self, patience: Patience) {
        self.next = patience.first;
    }
}
