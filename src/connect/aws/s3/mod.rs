//! S3.

use super::Clients;
use crate::model::s3::{S3Answer, S3Query};
use crate::model::s3_action::S3Action;
use crate::model::{Failure, Outcome, Progress};

/// The answer to a question to S3.
pub(super) async fn ask(_: &Clients, query: &S3Query) -> Result<S3Answer, Failure> {
    Err(Failure::bug(format!("{query:?} has no answer")))
}

/// Performs an action in S3.
pub(super) async fn act(_: &Clients, action: &S3Action, _: &Progress) -> Result<Outcome, Failure> {
    Err(Failure::bug(format!("{action:?} cannot be performed")))
}
