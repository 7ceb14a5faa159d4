//! The pauses between tries, and between looks at something that takes its time.

use std::time::Duration;

/// Pauses that grow from one to the next, so that what is slow or busy is asked less and less often, and that end after
/// a number of them.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    next: Duration,
    longest: Duration,
    /// Each pause is this many times the one before, as a fraction.
    growth: (u32, u32),
    remaining: u32,
}

impl Backoff {
    /// At most so many pauses: the first of this length, each further one twice as long.
    pub fn doubling(first: Duration, pauses: u32) -> Self {
        Self {
            first,
            next: first,
            longest: Duration::MAX,
            growth: (2, 1),
            remaining: pauses,
        }
    }

    /// At most so many pauses: the first of this length, each further one longer by half.
    pub fn growing_by_half(first: Duration, pauses: u32) -> Self {
        Self {
            growth: (3, 2),
            ..Self::doubling(first, pauses)
        }
    }

    /// The same with no pause longer than this.
    pub fn up_to(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }

    /// Pauses and says `true`, or says `false` at once when there were enough.
    pub async fn pause(&mut self) -> bool {
        let Some(remaining) = self.remaining.checked_sub(1) else {
            return false;
        };
        self.remaining = remaining;
        tokio::time::sleep(self.next).await;
        let (times, parts) = self.growth;
        self.next = (self.next.saturating_mul(times) / parts).min(self.longest);
        true
    }

    /// Begins again with the first length, because something moved. The number of pauses that remain is the same.
    pub fn restart(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pauses in milliseconds.
    async fn pauses(mut backoff: Backoff) -> Vec<u128> {
        let mut pauses = Vec::new();
        let mut began = tokio::time::Instant::now();
        while backoff.pause().await {
            pauses.push(began.elapsed().as_millis());
            began = tokio::time::Instant::now();
        }
        pauses
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_the_longest_and_end() {
        let first = Duration::from_millis(20);
        let doubling = Backoff::doubling(first, 5);
        assert_eq!(pauses(doubling.clone()).await, [20, 40, 80, 160, 320]);
        let short = doubling.up_to(Duration::from_millis(50));
        assert_eq!(pauses(short).await, [20, 40, 50, 50, 50]);
        let by_half = Backoff::growing_by_half(first, 4);
        assert_eq!(pauses(by_half).await, [20, 30, 45, 68]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_restarts_has_no_more_pauses_than_before() {
        let mut backoff = Backoff::doubling(Duration::from_millis(20), 3);
        assert!(backoff.pause().await && backoff.pause().await);
        backoff.restart();
        assert_eq!(pauses(backoff).await, [20]);
    }
}
