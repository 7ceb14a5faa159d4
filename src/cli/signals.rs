//! Ctrl-C and SIGTERM: the first asks for a clean end, the second ends at once.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::Exit;
use crate::model::{Event, Events, Failure};
use crate::view;

/// Listens until it is dropped: the first signal cancels `stop`, the second ends the program.
pub struct Listening(tokio::task::JoinHandle<()>);

/// Begins to listen. Fails when the operating system does not let us.
pub fn listen(events: &Events, stop: &CancellationToken) -> Result<Listening, Failure> {
    let hear = |kind| {
        signal(kind).map_err(|error| Failure::new("signals cannot be heard", "starting").why(error))
    };
    let (mut interrupt, mut terminate) = (
        hear(SignalKind::interrupt())?,
        hear(SignalKind::terminate())?,
    );
    let (events, stop) = (events.clone(), stop.clone());
    Ok(Listening(tokio::spawn(async move {
        either(&mut interrupt, &mut terminate).await;
        events.send(Event::Stopping);
        stop.cancel();
        either(&mut interrupt, &mut terminate).await;
        view::say(
            "Ended at once. What was under way may be half done; run it again to repair that.",
        );
        std::process::exit(Exit::Interrupted as i32);
    })))
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}
