//! Reads the stream of events until it ends.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval};

use super::{Json, Lines, Reader, Style, Terminal, say};
use crate::model::{Event, Failure};

/// Shows a run until every sender of the stream is gone.
///
/// Fails when the result cannot be written; the events are still read to the end, so that nobody waits.
pub async fn run(mut events: UnboundedReceiver<Event>, style: Style) -> Result<(), Failure> {
    match style.reader {
        Reader::Terminal => {
            let mut terminal = Terminal::new(style.err);
            // Ten times a second is what an eye takes for movement.
            let mut ticks = interval(Duration::from_millis(100));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            loop {
                tokio::select! {
                    event = events.recv() => match event {
                        Some(Event::Mark(mark)) => {
                            terminal.tick();
                            mark.acknowledge();
                        }
                        Some(event) => terminal.show(&event),
                        None => break,
                    },
                    _ = ticks.tick() => terminal.tick(),
                }
            }
            terminal.end();
        }
        Reader::Lines => {
            let mut lines = Lines::new(style.err);
            while let Some(event) = events.recv().await {
                if let Event::Mark(mark) = &event {
                    mark.acknowledge();
                } else if let Some(line) = lines.show(&event) {
                    say(&line);
                }
            }
        }
        Reader::Json => {
            let mut written = Ok(());
            while let Some(event) = events.recv().await {
                if let Event::Mark(mark) = &event {
                    mark.acknowledge();
                } else if written.is_ok() {
                    written = Json.show(&event);
                }
            }
            return written;
        }
    }
    Ok(())
}
