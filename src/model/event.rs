//! What happens during a run.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::Notify;

use super::{Address, Change, Failure, Verdict, change};

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
        /// Whether it is a message to whoever reads it, a playbook's `debug`, and no sign of progress.
        #[serde(skip)]
        message: bool,
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
    pub fn acknowledge(&self) {
        self.0.notify_one();
    }

    /// Waits until the reader has come here.
    pub(super) async fn waited_for(&self) {
        self.0.notified().await;
    }
}
