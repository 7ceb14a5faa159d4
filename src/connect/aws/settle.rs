//! Waiting for AWS to agree with itself: what was just made is not known everywhere at once.

use std::time::Duration;

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};

use crate::backoff::Backoff;
use crate::model::Failure;

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

impl Patience {
    /// The pauses while AWS agrees with itself.
    fn backoff(self) -> Backoff {
        Backoff::doubling(self.first, self.pauses)
    }

    /// At most so many pauses while something in AWS takes its time. They grow to ten times the first one, which is five
    /// seconds by default: AWS throttles whole accounts, and somebody waits for what is told.
    pub(super) fn following(self, pauses: u32) -> Backoff {
        Backoff::growing_by_half(self.first, pauses).up_to(self.first * 10)
    }
}

/// Tries until it succeeds, fails with a code that is not among `passing`, or patience ends; then the last error stands.
pub(super) async fn settle<T, E, F>(
    patience: Patience,
    passing: &[&str],
    attempt: impl FnMut() -> F,
) -> Result<T, SdkError<E>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E>>>,
{
    let passes = |error: &SdkError<E>| error.code().is_some_and(|code| passing.contains(&code));
    settle_while(patience, passes, attempt).await
}

/// Tries until it succeeds, fails with an error that does not pass, or patience ends; then the last error stands.
pub(super) async fn settle_while<T, E, F>(
    patience: Patience,
    passes: impl Fn(&SdkError<E>) -> bool,
    mut attempt: impl FnMut() -> F,
) -> Result<T, SdkError<E>>
where
    F: Future<Output = Result<T, SdkError<E>>>,
{
    let mut backoff = patience.backoff();
    loop {
        let result = attempt().await;
        if !(result.as_ref().is_err_and(&passes) && backoff.pause().await) {
            return result;
        }
    }
}

/// Why several questions about one thing gave no picture of it.
pub(super) enum Apart {
    /// One answer knows of it and another does not: it was just made, or is just going.
    Torn(Failure),
    /// It could not be asked.
    Failed(Failure),
}

impl From<Failure> for Apart {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Apart> for Failure {
    fn from(apart: Apart) -> Self {
        match apart {
            Apart::Torn(failure) | Apart::Failed(failure) => failure,
        }
    }
}

/// The failure of a question about a thing that another answer just knew of: with this code the two are torn.
pub(super) fn torn<E: ProvideErrorMetadata>(
    code: &'static str,
    otherwise: impl FnOnce(SdkError<E>) -> Failure,
) -> impl FnOnce(SdkError<E>) -> Apart {
    move |error| {
        if error.code() == Some(code) {
            Apart::Torn(otherwise(error))
        } else {
            Apart::Failed(otherwise(error))
        }
    }
}

/// Looks until the answers agree with each other, one fails, or patience ends; then the last failure stands.
pub(super) async fn agreed<T, F>(
    patience: Patience,
    mut look: impl FnMut() -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Apart>>,
{
    let mut backoff = patience.backoff();
    loop {
        let seen = look().await;
        if !(matches!(seen, Err(Apart::Torn(_))) && backoff.pause().await) {
            return seen.map_err(Failure::from);
        }
    }
}
