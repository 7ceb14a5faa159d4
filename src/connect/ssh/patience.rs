//! How long a host may say nothing, and what ends the waiting for it.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::model::{Class, Failure};

/// How long a login shell may take until ours listens, sudo and its directory services included. Slow ones are seen to
/// take ten seconds.
pub(super) const ARRIVAL: Duration = Duration::from_secs(60);

/// How long each kind of waiting may last.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Until anything of ours answers.
    arrival: Duration,
    /// Between two signs of life of a host at work. It gives one every five seconds; ssh itself notices a dead line
    /// within sixty and says so in its own words.
    silence: Duration,
    /// The same once somebody asked for the end: five missed signs of life.
    last_silence: Duration,
    /// For what changes nothing, once somebody asked for the end.
    grace: Duration,
}

const LIMITS: Limits = Limits {
    arrival: ARRIVAL,
    silence: Duration::from_secs(90),
    last_silence: Duration::from_secs(25),
    grace: Duration::from_secs(5),
};

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// An answer, for which nothing on the host changes.
    Question,
    /// The end of something that alters the host.
    Action,
}

/// Why the waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Nothing of ours ever answered.
    NoArrival,
    /// There was no sign of life any more.
    Silence,
    /// Somebody asked for the end.
    Asked,
}

/// The signs of life of one exchange.
#[derive(Debug)]
pub(super) struct Pulse {
    began: Instant,
    /// Milliseconds after `began`.
    last: AtomicU64,
    arrived: AtomicBool,
    limits: Limits,
}

impl Pulse {
    /// An exchange that begins now, with a shell that has answered before or not.
    pub fn new(arrived: bool) -> Self {
        Self {
            began: Instant::now(),
            last: AtomicU64::new(0),
            arrived: AtomicBool::new(arrived),
            limits: LIMITS,
        }
    }

    /// A sign of life.
    pub fn beat(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
        self.arrived.store(true, Ordering::Relaxed);
    }

    /// Waits until it is no use to wait any longer.
    pub async fn over(&self, waiting: Waiting, stop: &CancellationToken) -> Over {
        let mut asked: Option<Instant> = None;
        loop {
            let arrived = self.arrived.load(Ordering::Relaxed);
            let last = self.began + Duration::from_millis(self.last.load(Ordering::Relaxed));
            let (until, over) = match (arrived, asked, waiting) {
                (false, None, _) => (self.began + self.limits.arrival, Over::NoArrival),
                (true, None, _) => (last + self.limits.silence, Over::Silence),
                (false, Some(asked), _) | (true, Some(asked), Waiting::Question) => {
                    (asked + self.limits.grace, Over::Asked)
                }
                (true, Some(asked), Waiting::Action) => {
                    (last.max(asked) + self.limits.last_silence, Over::Asked)
                }
            };
            if Instant::now() >= until {
                return over;
            }
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = stop.cancelled(), if asked.is_none() => asked = Some(Instant::now()),
            }
        }
    }
}

/// The failure of waiting that somebody ended.
pub(super) fn interrupted(what: String) -> Failure {
    Failure::new("interrupted", what)
        .class(Class::Interrupted)
        .why("The end was asked for while the host was waited for.")
        .help("Run it again to go on.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pulse whose limits are a thousandth.
    fn quick(arrived: bool) -> Pulse {
        Pulse {
            limits: Limits {
                arrival: LIMITS.arrival / 1000,
                silence: LIMITS.silence / 1000,
                last_silence: LIMITS.last_silence / 100,
                grace: LIMITS.grace / 1000,
            },
            ..Pulse::new(arrived)
        }
    }

    #[tokio::test]
    async fn a_host_that_gives_signs_of_life_is_waited_for() {
        let stop = CancellationToken::new();
        assert_eq!(
            quick(false).over(Waiting::Action, &stop).await,
            Over::NoArrival
        );
        let pulse = quick(false);
        let living = async {
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                pulse.beat();
            }
            Instant::now()
        };
        let (over, last) = tokio::join!(pulse.over(Waiting::Action, &stop), living);
        assert_eq!(over, Over::Silence);
        assert!(last.elapsed() >= Duration::from_millis(80));
    }

    #[tokio::test]
    async fn who_asks_for_the_end_waits_for_an_action_that_lives_and_for_nothing_else() {
        for (arrived, waiting, ends) in [
            (false, Waiting::Question, true),
            (false, Waiting::Action, true),
            (true, Waiting::Question, true),
            (true, Waiting::Action, false),
        ] {
            let stop = CancellationToken::new();
            stop.cancel();
            let pulse = quick(arrived);
            let living = async {
                for _ in 0..30 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    if arrived {
                        pulse.beat();
                    }
                }
            };
            tokio::select! {
                over = pulse.over(waiting, &stop) => assert_eq!((over, ends), (Over::Asked, true)),
                () = living => assert!(!ends, "{waiting:?}"),
            }
        }
    }
}
