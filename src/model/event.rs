//! What happens during a run, as one stream that terminal, JSON and journal read.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::{Notify, mpsc};

use super::visible::visible;
use super::{Address, Change, Failure, Redactor, Verdict, change};

/// Something that happened. Serialised, it is one line of `--json` output; nothing in it is secret.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A node was begun.
    Started {
        /// The node.
        address: Address,
    },
    /// A node, or a task within a host's node, was decided.
    Decided {
        /// The node.
        address: Address,
        /// The task's name as Ansible prints it; none for a whole node.
        task: Option<String>,
        /// What was decided.
        verdict: Verdict,
    },
    /// A decided change is about to be performed.
    Acting {
        /// The node.
        address: Address,
        /// The task within a host's node.
        task: Option<String>,
        /// What will be done.
        #[serde(serialize_with = "change::outline")]
        change: Change,
    },
    /// A decided change was performed.
    Acted {
        /// The node.
        address: Address,
        /// The task within a host's node.
        task: Option<String>,
    },
    /// Something a person who waits would like to know: a stack event, a line of a task's log.
    Said {
        /// The node.
        address: Address,
        /// One line, control characters already made visible.
        line: String,
    },
    /// A task failed and the playbook goes on (`ignore_errors`, `rescue`).
    Tolerated {
        /// The node.
        address: Address,
        /// The task.
        task: String,
        /// Why it failed.
        failure: Failure,
    },
    /// A node ended well.
    Finished {
        /// The node.
        address: Address,
        /// How many changes were made in it.
        changes: usize,
    },
    /// A node failed.
    Failed {
        /// The node.
        address: Address,
        /// Why.
        failure: Failure,
    },
    /// A node was not begun, because one it needs failed.
    Blocked {
        /// The node.
        address: Address,
        /// The one it needs.
        by: Address,
    },
    /// Ctrl-C was heard: nothing new is begun.
    Stopping,
    /// Nothing happened: whoever sent this waits until all before it was shown.
    #[serde(skip)]
    Mark(Mark),
}

/// A place in the stream that its sender waits for.
#[derive(Debug, Clone, Default)]
pub struct Mark(Arc<Notify>);

impl Mark {
    /// Says that the reader has come here.
    pub fn reached(&self) {
        self.0.notify_one();
    }
}

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
                () = mark.0.notified() => {}
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
        }
    }
}

/// The stream as one action sees it: lines about one node.
#[derive(Debug, Clone)]
pub struct Progress {
    events: Events,
    address: Address,
    hidden: bool,
}

impl Progress {
    /// The same for an action of whose output nothing may be told (`no_log`).
    pub fn hidden(self, hidden: bool) -> Self {
        Self { hidden, ..self }
    }

    /// Whether nothing may be told of what an action says.
    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// Says one line that a program of the world printed.
    pub fn overheard(&self, line: impl AsRef<str>) {
        if !self.hidden {
            self.say(line);
        }
    }

    /// Says one line. Control characters of foreign text are made visible, so that it cannot drive the terminal.
    pub fn say(&self, line: impl AsRef<str>) {
        self.events.send(Event::Said {
            address: self.address.clone(),
            line: visible(line.as_ref()).replace('\n', "\\n"),
        });
    }
}
