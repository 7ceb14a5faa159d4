//! Whether the certificates that a host renews itself are renewed.

use std::sync::Arc;

use futures::future::join_all;
use jiff::Timestamp;

use super::asked::ran;
use super::outcome::{certificates_command, check, failed, of_failure, passed, skipped};
use crate::model::renewal::{FOLDER, Renewal};
use crate::model::{Check, CheckResult, Failure, HostTarget, Probe, Profile};

/// A check of each, by what the host wrote down.
pub async fn verify(host: &HostTarget, environment: &str, probe: &Arc<dyn Probe>) -> Vec<Check> {
    join_all(host.renewals.iter().map(async |name| {
        let path = format!("{FOLDER}/{name}.state");
        let result = match host.profile {
            Some(Profile::ForcedCommand) => skipped(format!(
                "A forced command shows no files: look at `{}`.",
                certificates_command(environment)
            )),
            _ => match state(probe, &path).await {
                Ok(state) => judged(state.as_deref(), Timestamp::now()),
                Err(failure) => of_failure(&failure),
            },
        };
        check("renewal", path, result)
    }))
    .await
}

/// The state, read as whoever logs in may read it: by a command.
async fn state(probe: &Arc<dyn Probe>, path: &str) -> Result<Option<String>, Failure> {
    // The key that CI has runs commands and nothing else.
    let ran = ran(probe, &["cat", path].map(str::to_owned)).await?;
    Ok(ran.ok().then(|| ran.out()))
}

fn judged(state: Option<&str>, now: Timestamp) -> CheckResult {
    let Some(renewal) = state.and_then(Renewal::read) else {
        return failed(
            "The host has not written down how its renewal stands.",
            "Apply the environment, which orders it",
        );
    };
    match renewal.faults(now).as_slice() {
        [] => passed(match renewal.next {
            Some(next) => format!("next on {next}"),
            None => "nothing failed".to_owned(),
        }),
        faults => failed(
            faults.join(" "),
            "Look at `journalctl -u landfall-acme` on the host, and apply the environment",
        ),
    }
}
