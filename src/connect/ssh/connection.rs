//! One multiplexed connection to a host: opened once, opened again after a cut.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use openssh::{ControlPersist, KnownHosts, Session, SessionBuilder};
use tokio::sync::{Mutex, Notify, OwnedSemaphorePermit, Semaphore};

use super::refusal;
use crate::model::{Failure, Login};

/// sshd allows ten sessions a connection by default; two are left for whoever else shares it.
const SESSIONS: usize = 8;

/// How long ssh's own process outlives us when we are killed and cannot end it: half a minute, in which the next run
/// has long connected by itself.
const IDLE: ControlPersist = ControlPersist::IdleFor(NonZeroUsize::MIN.saturating_add(29));

/// How often a connection is tried when sshd drops it because too many come at once (`MaxStartups`).
const TRIES: u32 = 5;

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
    /// A folder of our own for the control socket; a new temporary one when absent.
    pub control_dir: Option<PathBuf>,
    /// Counts every request and its answer.
    pub round_trips: Arc<AtomicU64>,
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
            control_dir: None,
            round_trips: Arc::default(),
        }
    }
}

/// The connection that a host's shells share.
#[derive(Debug)]
pub(super) struct Connection {
    pub login: Login,
    pub name: String,
    pub settings: Settings,
    session: Mutex<Option<Arc<Session>>>,
    /// Held while the connection lives, because the socket and the configuration are in it.
    folder: tempfile::TempDir,
    places: Arc<Semaphore>,
    wanting: AtomicUsize,
    wanted: Notify,
}

impl Connection {
    /// Connects. Refuses names that ssh could take for an option.
    pub async fn open(login: &Login, name: &str, settings: Settings) -> Result<Self, Failure> {
        check_name("address", &login.address)?;
        check_name("user", &login.user)?;
        let folder = folder(&settings)?;
        let connection = Self {
            login: login.clone(),
            name: name.to_owned(),
            settings,
            session: Mutex::new(None),
            folder,
            places: Arc::new(Semaphore::new(SESSIONS)),
            wanting: AtomicUsize::new(0),
            wanted: Notify::new(),
        };
        connection.session().await?;
        Ok(connection)
    }

    /// The session, opened anew if it was lost.
    pub async fn session(&self) -> Result<Arc<Session>, Failure> {
        let mut held = self.session.lock().await;
        if let Some(session) = held.as_ref()
            && session.check().await.is_ok()
        {
            return Ok(session.clone());
        }
        *held = None;
        let session = Arc::new(self.dial().await?);
        *held = Some(session.clone());
        Ok(session)
    }

    /// A place for one more shell; asks those that are idle to give theirs up when there is none.
    pub async fn place(&self) -> Result<OwnedSemaphorePermit, Failure> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Ok(place);
        }
        self.wanting.fetch_add(1, Ordering::SeqCst);
        self.wanted.notify_waiters();
        let place = self.places.clone().acquire_owned().await;
        self.wanting.fetch_sub(1, Ordering::SeqCst);
        place.map_err(|_| Failure::bug("the places for sessions were closed"))
    }

    /// Asks every idle shell to give up its place, because sshd allows fewer sessions than we thought.
    pub fn press(&self) {
        self.wanted.notify_waiters();
    }

    /// Returns when an idle shell should give up its place.
    pub async fn pressed(&self) {
        if self.wanting.load(Ordering::SeqCst) == 0 {
            self.wanted.notified().await;
        }
    }

    async fn dial(&self) -> Result<Session, Failure> {
        let mut builder = SessionBuilder::default();
        builder
            .user(self.login.user.clone())
            .port(self.login.port)
            .known_hosts_check(KnownHosts::Strict)
            .user_known_hosts_file(known_hosts_word(&self.settings.known_hosts)?)
            .connect_timeout(self.settings.connect_timeout)
            .server_alive_interval(Duration::from_secs(10))
            .config_file(self.folder.path().join("config"))
            .control_directory(self.folder.path())
            .control_persist(IDLE);
        if let Some(identity) = &self.login.identity {
            builder.keyfile(identity);
        }
        let mut pause = Duration::from_millis(200);
        for attempt in 1.. {
            match builder.connect_mux(&self.login.address).await {
                Ok(session) => return Ok(session),
                Err(error) if attempt < TRIES && refusal::is_crowded(&error) => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                Err(error) => return Err(refusal::connect(&error, &self.login, &self.settings)),
            }
        }
        Err(Failure::bug("the tries to connect ran out"))
    }
}

impl Drop for Connection {
    /// Ends ssh's own process, which would keep the connection open for ever: closing the session only makes it deaf.
    fn drop(&mut self) {
        if let Some(session) = self.session.get_mut() {
            // A connection that was cut has ended already.
            let _ = std::process::Command::new("ssh")
                .args(["-F", "none", "-O", "exit", "-S"])
                .arg(session.control_socket())
                .arg("host")
                .stdin(std::process::Stdio::null())
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status();
        }
    }
}

/// The file's name as ssh's configuration takes it: several names with blanks between them, with `%` for tokens.
pub(super) fn known_hosts_word(path: &Path) -> Result<String, Failure> {
    let failed = |why: String| {
        Failure::new(
            "the file of host keys has a name that ssh cannot take",
            format!("The file is {}.", path.display()),
        )
        .why(why)
    };
    let absolute = std::path::absolute(path).map_err(|error| failed(error.to_string()))?;
    match absolute.to_str() {
        Some(text) if !text.contains(['"', '\\', '\n']) => {
            Ok(["\"", &text.replace('%', "%%"), "\""].concat())
        }
        _ => Err(failed(
            "It holds a quote, a backslash or a line break.".to_owned(),
        )),
    }
}

/// A word that ssh, sudo and the host's tools cannot take for an option or for two words.
pub(super) fn check_name(what: &str, name: &str) -> Result<(), Failure> {
    let bytes = name.as_bytes();
    let first = bytes
        .first()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let rest = bytes
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._:-%".contains(byte));
    if first && rest {
        return Ok(());
    }
    Err(Failure::new(
        "a name that ssh could misread",
        format!("The {what} {name:?} is to be handed to ssh."),
    )
    .help("Use letters, digits, and `.`, `_`, `-` or `:`, beginning with a letter or a digit."))
}

/// Refuses a user name that is none.
pub(super) fn check_user(name: &str) -> Result<(), Failure> {
    check_name("user", name)
}

/// A folder that only its owner can enter, with the configuration that goes before the user's own.
fn folder(settings: &Settings) -> Result<tempfile::TempDir, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(
            "the folder for the connection's socket could not be made",
            "A temporary folder holds the socket that the connection is shared through.",
        )
        .why(error)
        .help("Set TMPDIR to a folder that can be written; its path must be short.")
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix("lf");
    let folder = match &settings.control_dir {
        Some(parent) => builder.tempdir_in(parent),
        None => builder.tempdir(),
    }
    .map_err(failed)?;
    std::fs::write(folder.path().join("config"), CONFIG).map_err(failed)?;
    Ok(folder)
}

/// The first value of an option counts, so these stand before the user's own and the system's configuration.
/// No other source of host keys counts, and none is ever learnt on the way.
pub(super) const CONFIG: &str = "\
GlobalKnownHostsFile /dev/null
KnownHostsCommand none
VerifyHostKeyDNS no
UpdateHostKeys no
ServerAliveCountMax 6
Include ~/.ssh/config
Include /etc/ssh/ssh_config
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_like_options_are_refused() {
        for name in ["web-1.example.org", "2001:db8::1", "_apt", "10.0.0.1"] {
            assert!(check_name("address", name).is_ok(), "{name}");
        }
        for name in ["", "-oProxyCommand=id", "a b", "a\nb", "$(id)", "a;b"] {
            assert!(check_name("address", name).is_err(), "{name}");
        }
    }
}
