//! Ctrl-C, SIGTERM and the end of the terminal: the first asks for a clean end, the second ends at once.

use std::fs;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{Exit, ask};
use crate::model::{Event, Events, Failure};
use crate::view::{self, Sheet};

/// The signals by which somebody asks for the end.
pub struct StopSignals(Vec<Signal>);

impl StopSignals {
    /// Begins to hear them. Fails when the operating system does not let us.
    pub fn receive() -> Result<Self, Failure> {
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        // Under nohup the end of the terminal is to be survived, and listening to it would undo that.
        if !is_ignored(SignalKind::hangup()) {
            kinds.push(SignalKind::hangup());
        }
        let heard: Result<Vec<Signal>, _> = kinds.into_iter().map(signal).collect();
        heard
            .map(Self)
            .map_err(|error| Failure::new("signals cannot be heard", "starting").why(error))
    }

    /// Waits for the next of them.
    pub async fn next(&mut self) {
        let each = self.0.iter_mut().map(|signal| Box::pin(signal.recv()));
        futures::future::select_all(each).await;
    }
}

/// Whether we were started with this signal ignored; where that cannot be known, no.
fn is_ignored(kind: SignalKind) -> bool {
    let Ok(status) = fs::read_to_string("/proc/self/status") else {
        return false;
    };
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (kind.as_raw_value() - 1) & 1 == 1)
}

/// Listens until it is dropped: the first signal cancels `stop`, the second ends the program.
pub struct SignalListener(tokio::task::JoinHandle<()>);

/// Begins to listen. Fails when the operating system does not let us.
pub fn listen(
    events: &Events,
    stop: &CancellationToken,
    err: Sheet,
) -> Result<SignalListener, Failure> {
    let mut asked = StopSignals::receive()?;
    let (events, stop) = (events.clone(), stop.clone());
    Ok(SignalListener(tokio::spawn(async move {
        asked.next().await;
        if !ask::is_open() {
            events.send(Event::Stopping);
        }
        stop.cancel();
        asked.next().await;
        view::say(&err.sentences(
            "Ended at once. What was under way may be half done; run it again to repair that.",
        ));
        std::process::exit(Exit::Interrupted as i32);
    })))
}

impl Drop for SignalListener {
    fn drop(&mut self) {
        self.0.abort();
    }
}
