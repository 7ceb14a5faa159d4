//! Logging in anew while the login of before stands.

use super::{call::call, outcome::outcome};
use crate::connect::ssh::host::Host;
use crate::model::{Class, Failure, Outcome, Progress, host_action::HostAction};

/// Logs in anew and asks something over that login; what comes after goes over it, and the login of before is ended.
///
/// Where nobody is let in, the login of before stays and what comes after goes over it: the host answers still, so the
/// failure is one that a playbook may deal with.
pub async fn reconnect(
    host: &Host,
    action: &HostAction,
    progress: &Progress,
) -> Result<Outcome, Failure> {
    progress.say("logging in anew");
    let before = host.login_anew().await.map_err(kept_out)?;
    let asked = host.question(call(action)?).await;
    match asked.and_then(|reply| outcome(action, reply)) {
        Ok(outcome) => {
            before.end().await;
            Ok(outcome)
        }
        Err(failure) if failure.class == Class::Interrupted => Err(failure),
        Err(failure) => {
            host.go_back_to(before).await;
            Err(kept_out(failure))
        }
    }
}

/// Why nobody is let in anew.
fn kept_out(failure: Failure) -> Failure {
    if failure.class == Class::Interrupted {
        return failure;
    }
    let why = [failure.summary, &failure.why]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(":\n");
    let kept = Failure::new("a new login does not come in", failure.what.clone());
    let kept = match failure.quoted {
        0 => kept.why(why),
        _ => kept.quoting(why),
    };
    kept.left_behind("The connection of before was kept.")
        .help(failure.help.clone())
}
