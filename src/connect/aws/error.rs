//! An SDK's error in the words an operator needs. The raw answer, which may hold secrets, never gets out.

use std::error::Error;

use aws_sdk_sts::{
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId,
};

use crate::model::{Class, Failure};

/// Turns the error of an operation into a failure: `action` is its name in IAM policies, such as `iam:GetRole`; `what`
/// is what was being done.
pub(super) fn failed<E>(
    action: &'static str,
    what: impl Into<String>,
) -> impl FnOnce(SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let what = what.into();
    move |error| match error.code() {
        Some(code) => answered(action, what, code, &error),
        None => unanswered(action, what, &error),
    }
}

/// The result, where an error with one of these codes is no error: there is nothing.
pub(super) fn unless<T, E: ProvideErrorMetadata, F>(
    codes: &[&str],
    result: Result<T, SdkError<E>>,
    otherwise: impl FnOnce(SdkError<E>) -> F,
) -> Result<Option<T>, F> {
    match result {
        Err(error) if error.code().is_some_and(|code| codes.contains(&code)) => Ok(None),
        result => result.map(Some).map_err(otherwise),
    }
}

/// The HTTP status of an answer that says no more: those to `HEAD` have no body.
pub(super) fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|answer| answer.status().as_u16())
}

fn answered<E: ProvideErrorMetadata>(
    action: &str,
    what: String,
    code: &str,
    error: &SdkError<E>,
) -> Failure {
    let message = error.message().unwrap_or("no message");
    let id = error
        .request_id()
        .map(|id| format!(" (request {id})"))
        .unwrap_or_default();
    let failure = Failure::new(summary(code), what).why(format!("{code}: {message}{id}"));
    match code {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "Forbidden" => failure
            .help(format!(
                "Allow `{action}` to the identity that landfall runs as, or use another profile."
            )),
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => failure
            .class(Class::Unreachable)
            .help("Log in again (`aws sso login`, or renew the session's keys), then run again."),
        "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch" | "AuthFailure" => failure
            .class(Class::Unreachable)
            .help("Check the profile, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, that no AWS_SESSION_TOKEN is left over from another \
                   session, and that the machine's clock is right."),
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "SlowDown" => failure
            .help("Something else asks this account a lot at the moment; run again later."),
        _ => failure,
    }
}

fn summary(code: &str) -> &'static str {
    match code {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "Forbidden" => {
            "AWS does not allow it"
        }
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            "the AWS credentials have expired"
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "AuthFailure" => "AWS does not know the credentials",
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "SlowDown" => {
            "AWS asked us to slow down, and still did after several attempts"
        }
        _ => "AWS refused the request",
    }
}

fn unanswered<E: Error + 'static>(action: &str, what: String, error: &SdkError<E>) -> Failure {
    if let Some(status) = status(error) {
        return by_status(action, what, status);
    }
    let causes = causes(error);
    let failure = Failure::new("AWS could not be reached", what)
        .class(Class::Unreachable)
        .why(&causes);
    if causes.to_lowercase().contains("credentials") {
        failure.help("Set AWS_PROFILE, or log in (`aws sso login`), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    } else {
        failure.help("Check the network, the region, AWS_ENDPOINT_URL, AWS_CA_BUNDLE and the proxy settings.")
    }
}

fn by_status(action: &str, what: String, status: u16) -> Failure {
    let why = format!("The answer was HTTP {status} without an explanation.");
    match status {
        403 => Failure::new("AWS does not allow it", what)
            .why(why)
            .help(format!(
                "Allow `{action}` to the identity that landfall runs as, or use another profile."
            )),
        _ => Failure::new("AWS refused the request", what).why(why),
    }
}

/// Every cause's own sentence, outermost first.
pub(super) fn causes(error: &dyn Error) -> String {
    let mut parts = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        next = cause.source();
    }
    parts.join(": ")
}
