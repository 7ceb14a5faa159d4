//! The pauses between tries, and between looks at something that takes its time.

use std::ops::ControlFlow;
use std::time::Duration;

use tokio::time::Instant;

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
        match self.next() {
            Some(pause) => {
                tokio::time::sleep(pause).await;
                true
            }
            None => false,
        }
    }

    /// The length of the next pause; none when there were enough.
    fn next(&mut self) -> Option<Duration> {
        self.remaining = self.remaining.checked_sub(1)?;
        let pause = self.next;
        let (times, parts) = self.growth;
        self.next = (pause.saturating_mul(times) / parts).min(self.longest);
        Some(pause)
    }

    /// Begins again with the first length, because something moved. The number of pauses that remain is the same.
    pub fn restart(&mut self) {
        self.next = self.first;
    }
}

/// Looks again and again, with the same pause between two looks, until one breaks off with what was waited for. When
/// patience has ended, gives what the last look saw instead. Fails as a look does.
pub async fn until<T, W, E, F>(
    patience: Duration,
    pause: Duration,
    mut look: impl FnMut() -> F,
) -> Result<Result<T, W>, E>
where
    F: Future<Output = Result<ControlFlow<T, W>, E>>,
{
    let begun = Instant::now();
    loop {
        match look().await? {
            ControlFlow::Break(found) => return Ok(Ok(found)),
            ControlFlow::Continue(seen) if begun.elapsed() > patience => return Ok(Err(seen)),
            ControlFlow::Continue(_) => tokio::time::sleep(pause).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_look_that_breaks_off_ends_the_wait_and_the_last_one_does_when_patience_ends() {
        let mut looks = 0;
        let pause = Duration::from_millis(1);
        let mut third = || {
            looks += 1;
            let seen = match looks {
                3 => ControlFlow::Break("there"),
                _ => ControlFlow::Continue(looks),
            };
            std::future::ready(Ok::<_, ()>(seen))
        };
        assert_eq!(
            until(Duration::from_secs(60), pause, &mut third).await,
            Ok(Ok("there"))
        );
        assert_eq!(until(Duration::ZERO, pause, &mut third).await, Ok(Err(4)));
    }

    /// The pauses that are still to come, in milliseconds.
    fn pauses(mut backoff: Backoff) -> Vec<u128> {
        std::iter::from_fn(|| backoff.next())
            .map(|pause| pause.as_millis())
            .collect()
    }

    #[test]
    fn pauses_grow_to_the_longest_and_end() {
        let first = Duration::from_millis(20);
        let doubling = Backoff::doubling(first, 5);
        assert_eq!(pauses(doubling.clone()), [20, 40, 80, 160, 320]);
        let short = doubling.up_to(Duration::from_millis(50));
        assert_eq!(pauses(short), [20, 40, 50, 50, 50]);
        assert_eq!(pauses(Backoff::growing_by_half(first, 4)), [20, 30, 45, 67]);
    }

    #[test]
    fn one_that_restarts_has_no_more_pauses_than_before() {
        let mut backoff = Backoff::doubling(Duration::from_millis(20), 3);
        let passed = (backoff.next(), backoff.next());
        assert_eq!(passed.1, Some(Duration::from_millis(40)));
        backoff.restart();
        assert_eq!(pauses(backoff), [20]);
    }
}
