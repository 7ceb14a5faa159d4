//! An SDK's error in the words an operator needs. The raw answer, which may hold secrets, never gets out.

use std::collections::BTreeMap;
use std::error::Error;

use aws_sdk_sts::{
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId,
};

use crate::model::account::ALL;
use crate::model::{Class, Failure, causes};

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

/// What is said of an endpoint that nothing was heard of.
pub(super) const UNREACHED: &str = "AWS could not be reached";

/// What is said of an answer that AWS does not give.
pub(super) const FOREIGN: &str = "something else than AWS answered";

const WHERE: &str = "Check AWS_ENDPOINT_URL, the region, the network and the proxy settings: AWS itself answers otherwise.";

fn unanswered<E: Error + 'static>(action: &str, what: String, error: &SdkError<E>) -> Failure {
    if let Some(answer) = error.raw_response() {
        let status = answer.status().as_u16();
        return match answer.body().bytes() {
            Some(body) => by_status(action, what, status, body.trim_ascii()),
            // It was not read to its end: it was cut off, or is larger than any that is read.
            None => foreign(what, format!("HTTP {status}: {}.", causes(error))),
        };
    }
    let causes = causes(error);
    let failure = Failure::new(UNREACHED, what)
        .class(Class::Unreachable)
        .why(&causes);
    if causes.to_lowercase().contains("credentials") {
        failure.help("Set AWS_PROFILE, or log in (`aws sso login`), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    } else {
        failure.help("Check the network, the region, AWS_ENDPOINT_URL, AWS_CA_BUNDLE and the proxy settings.")
    }
}

/// Whatever AWS refuses it explains, and an answer that it does give can be read; only those to `HEAD` have no body.
/// Proxies and balancers on the way answer with pages of their own, and with 502, 503 and 504.
fn by_status(action: &str, what: String, status: u16, body: &[u8]) -> Failure {
    if !(300..500).contains(&status) || !body.is_empty() {
        let kind = match body {
            [] => "nothing in it",
            [b'<', b'!', ..] => "a web page",
            _ if body.to_ascii_lowercase().starts_with(b"<html") => "a web page",
            _ => "what no operation of AWS answers",
        };
        return foreign(what, format!("The answer was HTTP {status} with {kind}."));
    }
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

fn foreign(what: String, why: String) -> Failure {
    Failure::new(FOREIGN, what)
        .class(Class::Unreachable)
        .why(why)
        .help(WHERE)
}

/// The same failure, with where it was that nothing, or something else, answered.
pub(super) fn at(
    failure: Failure,
    endpoints: &BTreeMap<String, String>,
    service: &str,
    region: &str,
) -> Failure {
    if failure.summary != UNREACHED && failure.summary != FOREIGN {
        return failure;
    }
    let place = match endpoints.get(service).or_else(|| endpoints.get(ALL)) {
        Some(url) => format!("It was asked at {url}."),
        None => format!("It was asked at AWS's own endpoint of {service} in {region}."),
    };
    let why = format!("{}\n{place}", failure.why);
    failure.why(why)
}

/// A part of an answer that its operation always gives. Without it the answer is none: what was asked for may well be
/// there.
pub(super) fn given<T>(part: Option<T>, name: &str, what: impl Into<String>) -> Result<T, Failure> {
    part.ok_or_else(|| {
        let why = format!("The answer has no `{name}`, which this operation of AWS always gives.");
        foreign(what.into(), why)
    })
}
