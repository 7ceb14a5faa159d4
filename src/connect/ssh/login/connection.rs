//! One multiplexed connection to a host: opened once, opened again after a cut.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use openssh::{Child, Session, Stdio};
use tokio::sync::{Mutex, Notify, OwnedSemaphorePermit, Semaphore};

use super::{
    become_attempts::BecomeAttempts,
    connect_failure,
    master::{self, Former, Master},
    options::{CONFIG, check_name},
    settings::Settings,
};
use crate::connect::ssh::exchange::liveness::interrupted;
use crate::{
    backoff::Backoff,
    connect::leftovers,
    model::{Class, Failure, Login},
};

/// sshd allows ten sessions a connection by default; two are left for whoever else shares it.
const SESSIONS: usize = 8;

/// What a connection may take beyond [`Settings::connect_timeout`], in which ssh ends by itself what does not answer or
/// agrees on no keys: an agent that asks its owner, and jump hosts on the way.
const LET_IN: Duration = Duration::from_secs(45);

/// How long ssh's own process on this machine may take to say that it lives.
const LOCAL: Duration = Duration::from_secs(10);

/// How often a connection is tried again when sshd drops it because too many come at once (`MaxStartups`). Others have
/// logged in within the three seconds that the pauses come to.
const CROWDED: u32 = 4;

/// How often a session is asked for when sshd refuses it because there are too many, and how long between.
const REFUSALS: (u32, Duration) = (50, Duration::from_millis(100));

/// The connection that a host's shells share.
#[derive(Debug)]
pub struct Connection {
    pub login: Login,
    pub name: String,
    pub settings: Settings,
    /// What was tried to become other users.
    pub become_attempts: BecomeAttempts,
    master: Mutex<Option<Master>>,
    dialled: AtomicU64,
    /// Held while the connection lives, because the socket and the configuration are in it.
    folder: tempfile::TempDir,
    permits: Arc<Semaphore>,
    wanting: AtomicUsize,
    wanted: Notify,
}

impl Connection {
    /// Connects. Refuses names that ssh could take for an option.
    pub async fn open(login: &Login, name: &str, settings: Settings) -> Result<Self, Failure> {
        check_name("address", &login.address)?;
        check_name("user", &login.user)?;
        let parent = parent(&settings);
        leftovers::remove(&parent).await;
        let folder = folder(&parent)?;
        let connection = Self {
            login: login.clone(),
            name: name.to_owned(),
            settings,
            become_attempts: BecomeAttempts::default(),
            master: Mutex::new(None),
            dialled: AtomicU64::new(0),
            folder,
            permits: Arc::new(Semaphore::new(SESSIONS)),
            wanting: AtomicUsize::new(0),
            wanted: Notify::new(),
        };
        connection.session().await?;
        Ok(connection)
    }

    /// The session, opened anew if it was lost.
    pub async fn session(&self) -> Result<Arc<Session>, Failure> {
        let mut held = self.master.lock().await;
        if let Some(master) = held.as_ref() {
            let check = tokio::time::timeout(LOCAL, master.session.check()).await;
            if matches!(check, Ok(Ok(()))) {
                return Ok(master.session.clone());
            }
        }
        if let Some(lost) = held.take() {
            leftovers::exit(&lost.socket).await;
        }
        let master = self.dial().await?;
        let session = master.session.clone();
        *held = Some(master);
        Ok(session)
    }

    /// Connects anew, past what is shared, and goes on over that connection; gives the one before, which stands.
    pub async fn renew(&self) -> Result<Former, Failure> {
        let mut held = self.master.lock().await;
        let renewed = self.dial().await?;
        Ok(Former(held.replace(renewed)))
    }

    /// Goes on over this connection again, and ends the one that came after it.
    pub async fn restore(&self, former: Former) {
        let Former(Some(before)) = former else { return };
        let after = self.master.lock().await.replace(before);
        Former(after).end().await;
    }

    /// Begins a command with its three streams in a session of its own, asked for until sshd has room for it.
    ///
    /// Fails when there is no connection; what sshd says of the session itself is handed on.
    pub async fn spawn(
        &self,
        command: &str,
    ) -> Result<Result<Child<Arc<Session>>, openssh::Error>, Failure> {
        let mut refused = 0;
        loop {
            let session = self.session().await?;
            let mut ready = session.arc_raw_command(command);
            ready
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            match ready.spawn().await {
                Err(error)
                    if refused < REFUSALS.0
                        && connect_failure::text(&error).contains("refused") =>
                {
                    refused += 1;
                    self.reclaim_idle();
                    tokio::time::sleep(REFUSALS.1).await;
                }
                spawned => return Ok(spawned),
            }
        }
    }

    /// A place for one more shell; asks those that are idle to give theirs up when there is none.
    pub async fn session_permit(&self) -> Result<OwnedSemaphorePermit, Failure> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        self.wanting.fetch_add(1, Ordering::SeqCst);
        self.wanted.notify_waiters();
        let permit = self.permits.clone().acquire_owned().await;
        self.wanting.fetch_sub(1, Ordering::SeqCst);
        permit.map_err(|_| Failure::bug("the places for sessions were closed"))
    }

    /// Asks every idle shell to give up its place, because sshd allows fewer sessions than we thought.
    pub fn reclaim_idle(&self) {
        self.wanted.notify_waiters();
    }

    /// Returns when an idle shell should give up its place.
    pub async fn reclaimed(&self) {
        if self.wanting.load(Ordering::SeqCst) == 0 {
            self.wanted.notified().await;
        }
    }

    /// Connects, unless the end is asked for or nobody there comes to an end with it.
    async fn dial(&self) -> Result<Master, Failure> {
        let what = || {
            let login = &self.login;
            format!(
                "Connecting to {}, port {}, as {}.",
                login.address, login.port, login.user
            )
        };
        let limit = self.settings.connect_timeout + LET_IN;
        tokio::select! {
            // The signal that asks for the end may end the ssh that connects first, which is not the host's fault.
            dialled = self.redial() => match dialled {
                Err(_) if self.settings.stop.is_cancelled() => Err(interrupted(what())),
                dialled => dialled,
            },
            () = self.settings.stop.cancelled() => Err(interrupted(what())),
            () = tokio::time::sleep(limit) => Err(Failure::new("the host does not answer", what())
                .class(Class::Unreachable)
                .why(format!(
                    "The connection was begun, and nobody was let in or refused for {} seconds.",
                    limit.as_secs()
                ))
                .help("Is it sshd that listens there? `ssh -v` shows how far it comes.")),
        }
    }

    async fn redial(&self) -> Result<Master, Failure> {
        let mut backoff = Backoff::doubling(Duration::from_millis(200), CROWDED);
        loop {
            let call = master::Request {
                login: &self.login,
                settings: &self.settings,
                folder: self.folder.path(),
                number: self.dialled.fetch_add(1, Ordering::Relaxed),
            };
            let error = match master::connect(&call).await? {
                Ok(master) => return Ok(master),
                Err(error) => error,
            };
            if !(connect_failure::is_crowded(&error) && backoff.pause().await) {
                return Err(connect_failure::of_login(
                    &error,
                    &self.login,
                    &self.name,
                    &self.settings.known_hosts,
                ));
            }
        }
    }
}

impl Drop for Connection {
    /// Ends ssh's own process, which would keep the connection open for ever: closing the session only makes it deaf.
    fn drop(&mut self) {
        if let Some(master) = self.master.get_mut() {
            // A connection that was cut has ended already.
            let _ = std::process::Command::new("ssh")
                .args(["-F", "none", "-O", "exit", "-S"])
                .arg(&master.socket)
                .arg("host")
                .stdin(std::process::Stdio::null())
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status();
        }
    }
}

/// Where the folder with the socket is made.
fn parent(settings: &Settings) -> PathBuf {
    let given = settings.control_dir.clone();
    given.unwrap_or_else(std::env::temp_dir)
}

/// A folder that only its owner can enter, with the configuration that goes before the user's own.
fn folder(parent: &Path) -> Result<tempfile::TempDir, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(
            "the folder for the connection's socket could not be made",
            format!(
                "A folder in {} holds the socket that the connection is shared through.",
                parent.display()
            ),
        )
        .why(error)
        .help("Set TMPDIR to a folder that can be written; its path must be short.")
    };
    let folder = leftovers::folder(parent).map_err(failed)?;
    std::fs::write(folder.path().join("config"), CONFIG).map_err(failed)?;
    Ok(folder)
}
