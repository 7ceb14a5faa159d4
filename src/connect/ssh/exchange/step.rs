//! Steps of runs whose connection was cut: found by the mark they left on the host, and waited for.

use std::time::{Duration, Instant};

use super::{
    call::Call,
    frame::Reply,
    liveness::{Waiting, interrupted},
    shell::Shell,
};
use crate::connect::ssh::login::connection::Connection;
use crate::model::{Class, Failure};

/// How long a step of another run is waited for. The upgrade of a whole system takes less on slow machines.
pub const PATIENCE: Duration = Duration::from_secs(1800);

/// How long one request waits on the host, in seconds, so that a cut connection is noticed in between.
const TURN: &str = "10";

/// A mark on the host: `live` or `dead`, run, process, and seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepMark {
    /// Whether its process runs.
    pub live: bool,
    run: String,
    process: String,
    since: String,
}

impl StepMark {
    /// Reads what the host says; none when it says nothing.
    pub fn read(said: &str) -> Option<Self> {
        let mut words = said.split_whitespace();
        Some(Self {
            live: words.next()? == "live",
            run: words.next()?.to_owned(),
            process: words.next()?.to_owned(),
            since: words.next()?.to_owned(),
        })
    }

    /// `the run 7f3a (process 4711, since 2026-01-31T10:00:00Z)`.
    pub fn describe(&self) -> String {
        let since = self
            .since
            .parse()
            .ok()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
            .map_or_else(|| self.since.clone(), |time| time.to_string());
        format!(
            "the run {} (process {}, since {since})",
            self.run, self.process
        )
    }

    /// The failure of a step that does not end.
    pub fn endless(&self, name: &str, user: &str) -> Failure {
        Failure::new(
            "another run is still at work on the host",
            format!(
                "On {name}, as {user}, {} has not ended its step.",
                self.describe()
            ),
        )
        .class(Class::LockHeld)
        .help(format!(
            "Wait for it, or end the process {} on the host if you know that it hangs.",
            self.process
        ))
    }
}

/// Waits until the step that a greeting told of has ended. Gives whether there was one.
pub async fn wait(
    shell: &mut Shell,
    connection: &Connection,
    user: &str,
    greeting: &[u8],
) -> Result<bool, Failure> {
    let name = &connection.name;
    let mut said = String::from_utf8_lossy(greeting).into_owned();
    let mut waited = false;
    let began = Instant::now();
    while let Some(mark) = StepMark::read(&said) {
        if !mark.live {
            tracing::warn!(
                "on {name}, as {user}, {} was cut off during a step; its mark was cleared",
                mark.describe()
            );
            break;
        }
        if began.elapsed() > PATIENCE {
            return Err(mark.endless(name, user));
        }
        if !waited {
            tracing::warn!(
                "on {name}, as {user}, {} is still at work; waiting for it",
                mark.describe()
            );
        }
        waited = true;
        if connection.settings.stop.is_cancelled() {
            return Err(interrupted(format!(
                "Waiting on {name}, as {user}, for {}.",
                mark.describe()
            )));
        }
        let call = Call::new("lf_await").word(TURN);
        said = match shell
            .exchange(connection, &[call], Waiting::Question, None)
            .await?
        {
            Ok(replies) => replies.first().map(output).unwrap_or_default(),
            Err(_) => return Err(mark.endless(name, user).class(Class::Unreachable)),
        };
    }
    Ok(waited)
}

fn output(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_and_told() {
        let mark = StepMark::read("live 7f3a 4711 1769853600\n").unwrap();
        assert!(mark.live);
        assert_eq!(
            mark.describe(),
            "the run 7f3a (process 4711, since 2026-01-31T10:00:00Z)"
        );
        assert_eq!(StepMark::read(""), None);
    }
}
