//! One stream of what happens, which terminal, JSON and journal read; secrets are taken out before it is sent.

use tokio::sync::mpsc;

use super::event::{Event, Mark};
use super::visible::visible;
use super::{Address, Redactor};

/// The sending end of the stream. Sending never waits and never fails: a reader that has gone misses events.
#[derive(Debug, Clone)]
pub struct Events {
    sender: mpsc::UnboundedSender<Event>,
    redactor: Redactor,
}

impl Events {
    /// A stream and its reading end.
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Event>) {
        Self::hiding(Redactor::default())
    }

    /// A stream that takes secrets out of all that is told on it, and its reading end.
    pub fn hiding(redactor: Redactor) -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { sender, redactor }, receiver)
    }

    /// Says that something happened.
    pub fn send(&self, event: Event) {
        // A closed stream means that nobody listens any more, which is no reason to stop working.
        let _ = self.sender.send(self.redactor.event(event));
    }

    /// Waits until everything that was told so far is shown, so that what is printed next stands below it.
    ///
    /// Ends at once when nobody reads.
    pub async fn shown(&self) {
        let mark = Mark::default();
        if self.sender.send(Event::Mark(mark.clone())).is_ok() {
            tokio::select! {
                () = mark.waited_for() => {}
                () = self.sender.closed() => {}
            }
        }
    }

    /// What an action on this node says while it works.
    pub fn progress(&self, address: &Address) -> Progress {
        Progress {
            events: self.clone(),
            address: address.clone(),
            hidden: false,
            without: None,
        }
    }
}

/// The stream as one action sees it: lines about one node.
#[derive(Debug, Clone)]
pub struct Progress {
    events: Events,
    address: Address,
    hidden: bool,
    without: Option<&'static str>,
}

impl Progress {
    /// The same for an action of whose output nothing may be told (`no_log`).
    pub fn hidden(self, hidden: bool) -> Self {
        Self { hidden, ..self }
    }

    /// The same for a program whose lines that begin so are told later, by whoever reads them all.
    pub fn without(self, beginning: &'static str) -> Self {
        Self {
            without: Some(beginning),
            ..self
        }
    }

    /// Whether nothing may be told of what an action says.
    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// Says one line that a program of the world printed. It stands alone behind its node, so that blanks around it say
    /// nothing.
    pub fn program_output(&self, line: impl AsRef<str>) {
        let line = line.as_ref();
        let later = |beginning| line.starts_with(beginning);
        if !self.hidden && !self.without.is_some_and(later) {
            self.say(line.trim());
        }
    }

    /// Says one line. Control characters of foreign text are made visible, so that it cannot drive the terminal.
    pub fn say(&self, line: impl AsRef<str>) {
        self.told(line.as_ref(), false);
    }

    /// Says one line that is meant for whoever reads, and stays on a terminal.
    pub fn message(&self, line: impl AsRef<str>) {
        self.told(line.as_ref(), true);
    }

    fn told(&self, line: &str, message: bool) {
        self.events.send(Event::Said {
            address: self.address.clone(),
            line: visible(line).replace('\n', "\\n"),
            message,
        });
    }
}
