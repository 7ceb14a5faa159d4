//! What the answers to our own short questions may take in all, however lively the host is meanwhile.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::call::Call;

/// What each question adds. Sound hosts answer most within milliseconds, and small machines under load within a second
/// or two.
const EACH: Duration = Duration::from_secs(5);

/// How many bytes add a second. The slowest lines carry more; a host that drips sends less.
const RATE: u64 = 1 << 10;

/// The time that one exchange has for short questions. Calls that the user measures out, such as a command or the sum
/// of a large file, take nothing of it.
#[derive(Debug)]
pub struct Allowance(Mutex<Budget>);

#[derive(Debug)]
struct Budget {
    /// Whether each call of the exchange is short.
    short: Vec<bool>,
    /// How many answers are whole, on standard output and on standard error.
    whole: [usize; 2],
    /// Since when the call at work is.
    since: Instant,
    /// What was left for short ones then, and what came since has added.
    remaining: Duration,
}

impl Budget {
    fn at(&self) -> usize {
        self.whole[0].min(self.whole[1])
    }

    fn is_short(&self) -> bool {
        self.short.get(self.at()).copied().unwrap_or(false)
    }
}

impl Allowance {
    /// That of an exchange of these calls, which begins now.
    pub fn new(calls: &[Call], base: Duration, now: Instant) -> Self {
        let short: Vec<bool> = calls.iter().map(|call| !call.is_long()).collect();
        let count = short.iter().filter(|short| **short).count();
        Self(Mutex::new(Budget {
            remaining: base + EACH * u32::try_from(count).unwrap_or(u32::MAX),
            short,
            whole: [0, 0],
            since: now,
        }))
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many bytes came on a stream (0 is standard output, 1 is standard error), on which so many answers are
    /// whole. True when another call is at work from here on.
    pub fn came(&self, stream: usize, bytes: usize, whole: usize, now: Instant) -> bool {
        let mut budget = self.budget();
        let (before, short) = (budget.at(), budget.is_short());
        budget.remaining += Duration::from_millis(bytes as u64 * 1000 / RATE);
        if let Some(known) = budget.whole.get_mut(stream) {
            *known = whole;
        }
        if budget.at() == before {
            return false;
        }
        if short {
            budget.remaining = budget.remaining.saturating_sub(now - budget.since);
        }
        budget.since = now;
        true
    }

    /// When the short question at work may take no longer; none while something else is at work.
    pub fn end(&self) -> Option<Instant> {
        let budget = self.budget();
        budget.is_short().then(|| budget.since + budget.remaining)
    }

    /// Which call of the exchange is at work.
    pub fn at(&self) -> usize {
        self.budget().at()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An allowance that began a moment ago, and what of it is left at a time, in seconds.
    struct Watched {
        allowance: Allowance,
        began: Instant,
    }

    impl Watched {
        fn new(calls: &[Call]) -> Self {
            let began = Instant::now();
            Self {
                allowance: Allowance::new(calls, Duration::from_secs(300), began),
                began,
            }
        }

        fn after(&self, seconds: u64) -> Instant {
            self.began + Duration::from_secs(seconds)
        }

        fn remaining(&self, seconds: u64) -> Option<u64> {
            let end = self.allowance.end()?;
            Some(end.duration_since(self.after(seconds)).as_secs())
        }
    }

    #[test]
    fn only_short_questions_take_of_it() {
        let (short, long) = (Call::new("lf_stat"), Call::new("lf_run").long());
        let watched = Watched::new(&[short.clone(), long.clone(), short]);
        assert_eq!(watched.remaining(0), Some(310));
        // The end of an answer counts when it stands on both streams.
        watched.allowance.came(0, 0, 1, watched.after(90));
        assert_eq!(watched.remaining(100), Some(210));
        watched.allowance.came(1, 0, 1, watched.after(100));
        assert_eq!((watched.allowance.at(), watched.remaining(100)), (1, None));
        watched.allowance.came(1, 0, 2, watched.after(86000));
        watched.allowance.came(0, 0, 2, watched.after(86400));
        assert_eq!(
            (watched.allowance.at(), watched.remaining(86400)),
            (2, Some(210))
        );
        watched.allowance.came(0, 0, 3, watched.after(86400));
        watched.allowance.came(1, 0, 3, watched.after(86400));
        assert_eq!(watched.remaining(86400), None);
    }

    #[test]
    fn a_slow_line_adds_to_it_and_drops_do_not() {
        let watched = Watched::new(&[Call::new("lf_read")]);
        watched.allowance.came(0, 4 << 20, 0, watched.after(1));
        assert_eq!(watched.remaining(0), Some(305 + 4096));
        for second in 0..1000 {
            watched.allowance.came(0, 1, 0, watched.after(second));
        }
        assert_eq!(watched.remaining(0), Some(305 + 4096));
    }

    #[test]
    fn an_action_has_its_own_time() {
        let watched = Watched::new(&[Call::new("lf_mkdir").step("run-1")]);
        assert_eq!(watched.remaining(0), None);
    }
}
