//! How a host is entered and spoken to.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

/// How a host is entered and spoken to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file with the host keys that are trusted; no other file counts.
    pub known_hosts: PathBuf,
    /// The run's id, which stands on the host while a step is at work there. Without spaces.
    pub run: String,
    /// Whether the host is seen as root unless another user is asked for.
    pub become_root: bool,
    /// How long a connection may take to come up.
    pub connect_timeout: Duration,
    /// What the questions of one exchange that Landfall asks by itself may take, beside what each of them and the
    /// length of its answer add. A host that lives and comes to no end is given up then.
    pub answer_timeout: Duration,
    /// A folder of our own for the control socket; a new temporary one when absent.
    pub control_dir: Option<PathBuf>,
    /// Counts every request and its answer.
    pub round_trips: Arc<AtomicU64>,
    /// Cancelled when the end was asked for: then nobody who says nothing is waited for.
    pub stop: CancellationToken,
}

impl Settings {
    /// Trusting the keys in this file, for the run of this id; the host is seen as the user that logs in.
    pub fn new(known_hosts: impl Into<PathBuf>, run: impl Into<String>) -> Self {
        Self {
            known_hosts: known_hosts.into(),
            run: run.into(),
            become_root: false,
            // A host across the world answers within two seconds; one that boots may take ten.
            connect_timeout: Duration::from_secs(15),
            // A directory service that does not answer holds a look-up for two minutes, and a second one after it.
            answer_timeout: Duration::from_secs(300),
            control_dir: None,
            round_trips: Arc::default(),
            stop: CancellationToken::new(),
        }
    }
}
