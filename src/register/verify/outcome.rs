//! What came of a check, in short.

use crate::model::{Check, CheckResult, Failure};

/// A check of this name with what came of it.
pub fn check(name: &str, tried: impl Into<String>, result: CheckResult) -> Check {
    Check {
        name: name.to_owned(),
        tried: tried.into(),
        result,
    }
}

/// As it should be, with what was seen.
pub fn passed(seen: impl Into<String>) -> CheckResult {
    CheckResult::Passed { seen: seen.into() }
}

/// Not as it should be: why, and what to do.
pub fn failed(why: impl Into<String>, help: impl Into<String>) -> CheckResult {
    CheckResult::Failed {
        why: why.into(),
        help: help.into(),
    }
}

/// Not tried, for this reason.
pub fn skipped(why: impl Into<String>) -> CheckResult {
    CheckResult::Skipped { why: why.into() }
}

/// What a question that could not be asked comes to.
pub fn of_failure(failure: &Failure) -> CheckResult {
    let why = match failure.why.as_str() {
        "" => format!("{}.", failure.summary),
        why => format!("{}: {why}", failure.summary),
    };
    failed(why, failure.help.clone())
}
