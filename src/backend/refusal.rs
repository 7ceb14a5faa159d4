//! Why S3 did not do what was asked of it.

use std::error::Error;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::Version;
use crate::model::causes;

/// Why S3 did not do it.
pub(super) enum Refusal {
    /// The condition did not hold.
    Lost,
    /// Another write of the same key is under way.
    Conflict,
    /// There is no such object.
    Missing,
    /// It is not allowed, or the bucket is another account's, in S3's words.
    Denied { text: String },
    /// Anything else, in S3's words.
    Other {
        code: String,
        text: String,
        reached: bool,
    },
}

impl Refusal {
    /// An answer that ended early, or does not end.
    pub(super) fn cut(text: impl Into<String>) -> Self {
        Refusal::Other {
            code: String::new(),
            text: text.into(),
            reached: false,
        }
    }
}

/// What a request was refused for.
pub(super) fn refusal<E>(error: SdkError<E>) -> Refusal
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    let code = error.as_service_error().and_then(|error| error.code());
    let body = error
        .raw_response()
        .and_then(|answer| answer.body().bytes());
    // A text that is no explanation of S3's: a page of something else.
    let foreign = body.is_some_and(|body| !body.trim_ascii().is_empty());
    match (status, code) {
        (Some(412), _) => Refusal::Lost,
        (Some(409), Some("ConditionalRequestConflict" | "OperationAborted")) => Refusal::Conflict,
        (_, Some("NoSuchKey" | "NotFound")) => Refusal::Missing,
        (Some(404), None) if !foreign => Refusal::Missing,
        (Some(403), None) => Refusal::Denied {
            text: "HTTP 403".to_owned(),
        },
        (_, Some(code @ "AccessDenied")) => {
            let message = error.as_service_error().and_then(|error| error.message());
            let message = message
                .unwrap_or("S3 gives no reason")
                .trim_end_matches('.');
            Refusal::Denied {
                text: format!("{code}: {message}"),
            }
        }
        (_, Some(code)) => {
            let message = error.as_service_error().and_then(|error| error.message());
            Refusal::Other {
                code: code.to_owned(),
                text: format!("{code}: {}", message.unwrap_or("S3 gives no reason")),
                reached: true,
            }
        }
        // S3 explains what it refuses, and what it answers can be read: something on the way to it is no S3.
        (Some(status), None) if !(300..500).contains(&status) || foreign => Refusal::cut(format!(
            "HTTP {status}, and no answer of S3's: {}",
            causes(&error)
        )),
        (status, None) => Refusal::Other {
            code: String::new(),
            text: causes(&error),
            reached: status.is_some(),
        },
    }
}

/// The version that an answer names.
pub(super) fn version(etag: Option<&str>) -> Result<Version, Refusal> {
    etag.map(|etag| Version(etag.to_owned()))
        .ok_or_else(|| Refusal::Other {
            code: String::new(),
            text: "The answer has no ETag, which S3 always gives; without one later writes could not be conditional."
                .to_owned(),
            reached: false,
        })
}
