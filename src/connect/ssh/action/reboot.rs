//! Restarting a host and meeting it again.

use std::time::{Duration, Instant};

use super::{call::call, outcome::outcome};
use crate::connect::ssh::{exchange::call::Call, host::Host};
use crate::model::{Class, Failure, Outcome, Progress, host_action::HostAction};

/// How long between two looks whether the host has come back.
const LOOK: Duration = Duration::from_secs(2);

/// Restarts the host and waits until it answers with another boot id. Fails when it has not within `timeout` seconds.
pub async fn reboot(
    host: &Host,
    action: &HostAction,
    timeout: u64,
    progress: &Progress,
) -> Result<Outcome, Failure> {
    let before = host.question(Call::new("lf_boot")).await?.out;
    let began = Instant::now();
    match host.step(call(action)?, progress).await {
        Ok(reply) => drop(outcome(action, reply)?),
        // A host that goes down at once cannot say so.
        Err(failure) if failure.class == Class::Unreachable => {}
        Err(failure) => return Err(failure),
    }
    progress.say("restarting");
    while began.elapsed() < Duration::from_secs(timeout) {
        tokio::time::sleep(LOOK).await;
        let after = host.question(Call::new("lf_boot")).await;
        match after {
            Ok(reply) if reply.rc == 0 && reply.out != before => {
                progress.say("the host is back");
                return Ok(Outcome::Done);
            }
            Ok(_) => {}
            Err(failure) if failure.class == Class::Unreachable => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(Failure::new(
        "the host did not come back",
        format!("It was restarted and waited for, {timeout} seconds long."),
    )
    .class(Class::Unreachable)
    .left_behind("The host is down or still coming up.")
    .help("Look at its console; when it is up, run the same command again."))
}
