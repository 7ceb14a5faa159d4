//! Reading the two streams of an exchange, and why it is given up.

use tokio::io::{AsyncRead, AsyncReadExt};

use super::{
    call::Call,
    frame::Reader,
    liveness::{GivenUp, Liveness, Waiting, interrupted},
    unsound,
};
use crate::connect::ssh::{
    login::connection::Connection, login::heard::NOISE, login::shell_failure, prelude::is_echo,
};
use crate::model::{Class, Failure, Progress};

/// What an exchange may carry in all; a host sends no more than [`LIMIT`](super::frame::LIMIT) of each stream of an action.
const FLOOD: usize = 64 << 20;

/// Why an exchange was given up.
pub fn ended_by(
    over: GivenUp,
    said: &str,
    calls: &[Call],
    connection: &Connection,
    liveness: &Liveness,
) -> Failure {
    let name = &connection.name;
    let what = calls.last().map(Call::to_string).unwrap_or_default();
    match over {
        GivenUp::NoArrival => shell_failure::silent(said, "its user", &connection.login),
        GivenUp::Asked => interrupted(format!("Waiting for {name}, which was to do `{what}`.")),
        GivenUp::Endless => {
            let at_work = calls.get(liveness.at()).map(Call::to_string);
            unsound::endless(name, &at_work.unwrap_or(what), liveness.took())
        }
        GivenUp::Silence => Failure::new(
            "the host fell silent",
            format!("Waiting for {name}, which was to do `{what}`."),
        )
        .class(Class::Unreachable)
        .why("The connection stands, and there was no sign of life for a minute and a half.")
        .help(
            "Is the host suspended, or out of memory? Run the same command again when it answers.",
        ),
    }
}

/// The failure of an exchange that was given up, with what it leaves behind where it was an action.
pub fn left_behind(waiting: Waiting, begun: bool, failure: Failure) -> Failure {
    match (waiting, begun) {
        (Waiting::Question, _) => failure,
        (Waiting::Action, true) => failure.left_behind(
            "The step may still be running on the host, or it may have ended well or badly.",
        ),
        (Waiting::Action, false) => {
            failure.left_behind("The step was sent, and may be done when the host comes to it.")
        }
    }
}

/// Why the streams were read no further.
pub enum Ended {
    /// They broke.
    Broken,
    /// An answer is longer than it may be.
    Long,
    /// What came is what was sent.
    Echo,
    /// What is no answer is longer than it may be.
    Noise,
    /// It is no use to wait any longer.
    Over(GivenUp),
}

/// How the answers of one exchange are read.
pub struct Reading<'a> {
    pub liveness: &'a Liveness,
    pub waiting: Waiting,
    pub progress: Option<&'a Progress>,
}

impl Reading<'_> {
    /// Reads this stream (0 is standard output, 1 is standard error) until every answer is there.
    pub async fn read<R: AsyncRead + Unpin>(
        &self,
        number: usize,
        stream: &mut R,
        reader: &mut Reader,
    ) -> Result<(), Ended> {
        let mut buffer = vec![0; 1 << 16];
        while !reader.done() {
            let count = match stream.read(&mut buffer).await {
                Ok(count) => count,
                Err(_) => return Err(Ended::Broken),
            };
            if count == 0 {
                reader.cut();
                break;
            }
            if reader.feed(&buffer[..count]) {
                self.liveness.beat();
            }
            self.liveness.came(number, count, reader.parts.len());
            for line in reader.told.drain(..) {
                if let Some(progress) = self.progress {
                    progress.program_output(line);
                }
            }
            let limit = match self.waiting {
                Waiting::Action => FLOOD,
                Waiting::Question => usize::MAX,
            };
            if reader.inner > limit || (reader.cropping() && self.waiting == Waiting::Question) {
                return Err(Ended::Long);
            }
            if !reader.begun() && is_echo(&reader.text()) {
                return Err(Ended::Echo);
            }
            if reader.outer > NOISE {
                return Err(Ended::Noise);
            }
        }
        Ok(())
    }
}
