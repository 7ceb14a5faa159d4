//! Waiting for AWS to agree with itself: what was just made is not known everywhere at once.

use std::time::Duration;

use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};

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

/// Tries until it succeeds, fails with a code that is not among `passing`, or patience ends; then the last error stands.
pub(super) async fn settle<T, E, F>(
    patience: Patience,
    passing: &[&str],
    mut attempt: impl FnMut() -> F,
) -> Result<T, SdkError<E>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E>>>,
{
    let mut pause = patience.first;
    for _ in 0..patience.pauses {
        match attempt().await {
            Err(error) if error.code().is_some_and(|code| passing.contains(&code)) => {
                tokio::time::sleep(pause).await;
            }
            result => return result,
        }
        pause *= 2;
    }
    attempt().await
}
