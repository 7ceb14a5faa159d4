//! How long a host may say nothing, and what ends the waiting for it.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{allowance::Allowance, call::Call};
use crate::model::Failure;

/// How long a login shell may take until ours listens, sudo and its directory services included. Slow ones are seen to
/// take ten seconds.
pub const ARRIVAL: Duration = Duration::from_secs(60);

/// How long each kind of waiting may last.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Until anything of ours answers.
    arrival: Duration,
    /// Between two signs of life of a host at work. It gives one every five seconds; ssh itself notices a dead line
    /// within sixty and says so in its own words.
    silence: Duration,
    /// Between two signs of life once the end was asked for: five are missed then.
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
pub enum Waiting {
    /// An answer, for which nothing on the host changes.
    Question,
    /// The end of something that alters the host.
    Action,
}

/// Why the waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenUp {
    /// Nothing of ours ever answered.
    NoArrival,
    /// There was no sign of life any more.
    Silence,
    /// There were signs of life, and a short question was not answered in all its time.
    Endless,
    /// Somebody asked for the end.
    Asked,
}

/// The signs of life of one exchange.
#[derive(Debug)]
pub struct Liveness {
    began: Instant,
    /// Milliseconds after `began`.
    last: AtomicU64,
    arrived: AtomicBool,
    /// What our own short questions may take.
    allowance: Allowance,
    /// Told when something else is waited for than before.
    turned: Notify,
    limits: Limits,
}

impl Liveness {
    /// An exchange of these calls that begins now, with a shell that has answered before or not, and this time for
    /// short questions.
    pub fn new(arrived: bool, calls: &[Call], answers: Duration) -> Self {
        let began = Instant::now();
        Self {
            began,
            last: AtomicU64::new(0),
            arrived: AtomicBool::new(arrived),
            allowance: Allowance::new(calls, answers, began),
            turned: Notify::new(),
            limits: LIMITS,
        }
    }

    /// A sign of life.
    pub fn beat(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
        if !self.arrived.swap(true, Ordering::Relaxed) {
            self.turned.notify_one();
        }
    }

    /// So many bytes came on a stream (0 is standard output, 1 is standard error), on which so many answers are whole.
    pub fn came(&self, stream: usize, bytes: usize, whole: usize) {
        if self.allowance.came(stream, bytes, whole, Instant::now()) {
            self.turned.notify_one();
        }
    }

    /// Which call of the exchange is at work.
    pub fn at(&self) -> usize {
        self.allowance.at()
    }

    /// How long the exchange has taken so far.
    pub fn took(&self) -> Duration {
        self.began.elapsed()
    }

    /// Waits until it is no use to wait any longer.
    pub async fn over(&self, waiting: Waiting, stop: &CancellationToken) -> GivenUp {
        let mut asked: Option<Instant> = None;
        loop {
            let arrived = self.arrived.load(Ordering::Relaxed);
            let last = self.began + Duration::from_millis(self.last.load(Ordering::Relaxed));
            let short = self.allowance.end();
            let waiting = match short {
                // The action that was sent with it has not begun.
                Some(_) => Waiting::Question,
                None => waiting,
            };
            let (until, over) = match (arrived, asked, waiting) {
                (false, None, _) => (self.began + self.limits.arrival, GivenUp::NoArrival),
                (true, None, _) => match (last + self.limits.silence, short) {
                    (silence, Some(short)) if short < silence => (short, GivenUp::Endless),
                    (silence, _) => (silence, GivenUp::Silence),
                },
                (false, Some(asked), _) | (true, Some(asked), Waiting::Question) => {
                    (asked + self.limits.grace, GivenUp::Asked)
                }
                (true, Some(asked), Waiting::Action) => {
                    (last.max(asked) + self.limits.last_silence, GivenUp::Asked)
                }
            };
            if Instant::now() >= until {
                return over;
            }
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = self.turned.notified() => {}
                () = stop.cancelled(), if asked.is_none() => asked = Some(Instant::now()),
            }
        }
    }
}

/// The failure of waiting that somebody ended.
pub fn interrupted(what: String) -> Failure {
    Failure::interrupted(what)
        .why("The end was asked for while the host was waited for.")
        .help("Run it again to go on.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signs of life whose limits are a thousandth.
    fn quick(arrived: bool) -> Liveness {
        Liveness {
            limits: Limits {
                arrival: LIMITS.arrival / 1000,
                silence: LIMITS.silence / 1000,
                last_silence: LIMITS.last_silence / 100,
                grace: LIMITS.grace / 1000,
            },
            ..Liveness::new(arrived, &[], Duration::ZERO)
        }
    }

    /// How the waiting for this call ends while the host gives signs of life for longer than what one question adds.
    async fn while_it_lives(call: Call) -> Option<GivenUp> {
        let stop = CancellationToken::new();
        let liveness = Liveness::new(true, &[call], Duration::ZERO);
        let living = async {
            for _ in 0..320 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                liveness.beat();
                liveness.came(0, 1, 0);
            }
        };
        tokio::select! {
            over = liveness.over(Waiting::Question, &stop) => Some(over),
            () = living => None,
        }
    }

    #[tokio::test]
    async fn a_host_that_lives_and_does_not_answer_is_waited_for_only_so_long() {
        let (short, long) = tokio::join!(
            while_it_lives(Call::new("lf_facts")),
            while_it_lives(Call::new("lf_run").long()),
        );
        assert_eq!((short, long), (Some(GivenUp::Endless), None));
    }

    #[tokio::test]
    async fn a_host_that_gives_signs_of_life_is_waited_for() {
        let stop = CancellationToken::new();
        assert_eq!(
            quick(false).over(Waiting::Action, &stop).await,
            GivenUp::NoArrival
        );
        let liveness = quick(false);
        let living = async {
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                liveness.beat();
            }
            Instant::now()
        };
        let (over, last) = tokio::join!(liveness.over(Waiting::Action, &stop), living);
        assert_eq!(over, GivenUp::Silence);
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
            let liveness = quick(arrived);
            let living = async {
                for _ in 0..30 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    if arrived {
                        liveness.beat();
                    }
                }
            };
            tokio::select! {
                over = liveness.over(waiting, &stop) => assert_eq!((over, ends), (GivenUp::Asked, true)),
                () = living => assert!(!ends, "{waiting:?}"),
            }
        }
    }
}
