//! How often a request is tried again.

use std::env;

use aws_config::retry::{RetryConfig, RetryMode};

use super::profile::Profile;
use crate::model::Failure;

/// IAM throttles whole accounts, so that three attempts, the SDK's default, are few.
const ATTEMPTS: u32 = 8;

/// What `AWS_MAX_ATTEMPTS` and `AWS_RETRY_MODE` say, else the profile, else ours. The SDK, left to read them itself,
/// ends the program over one that it cannot read.
pub(super) fn configured(profile: &Profile) -> Result<RetryConfig, Failure> {
    let mode = setting("AWS_RETRY_MODE", "retry_mode", profile, |text| {
        text.parse::<RetryMode>().ok()
    })?;
    let attempts = setting("AWS_MAX_ATTEMPTS", "max_attempts", profile, |text| {
        text.parse().ok().filter(|attempts| *attempts > 0)
    })?;
    let said = mode.is_some() || attempts.is_some();
    let config = RetryConfig::standard().with_retry_mode(mode.unwrap_or(RetryMode::Standard));
    Ok(match attempts {
        Some(attempts) => config.with_max_attempts(attempts),
        None if said => config,
        None => config.with_max_attempts(ATTEMPTS),
    })
}

/// For what answers on this machine.
pub(super) fn default() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}

fn setting<T>(
    variable: &'static str,
    key: &'static str,
    profile: &Profile,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Failure> {
    let of_variable = env::var_os(variable).filter(|value| !value.is_empty());
    let (said, text) = match (of_variable, profile.get(key)) {
        (Some(value), _) => (
            variable.to_owned(),
            value.to_string_lossy().trim().to_owned(),
        ),
        (None, Some(value)) => (format!("{key} of {profile}"), value.trim().to_owned()),
        (None, None) => return Ok(None),
    };
    read(&text).map(Some).ok_or_else(|| {
        Failure::new(
            "a setting for AWS cannot be read",
            format!("reading {said}"),
        )
        .why(format!("`{text}` is not among what it may be."))
        .left_behind("Nothing was changed.")
        .help("AWS_MAX_ATTEMPTS is a number from 1; AWS_RETRY_MODE is `standard` or `adaptive`.")
    })
}
