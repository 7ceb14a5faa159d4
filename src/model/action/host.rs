//! What can be done on a host.

use serde::Serialize;

use crate::model::{Content, host::Command, openpgp::Form};

/// Something to do on a host, as whichever user the world stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HostAction {
    /// Puts a file in place in one step: a reader sees the old content or the new, never half of one.
    Write(WriteFile),
    /// The same with what a file of the host holds, which does not travel.
    Copy(CopyFile),
    /// Makes a folder, and those above it. A link in its place is refused.
    MakeDirectory {
        /// An absolute path.
        path: String,
        /// The owner and mode of the folder itself, and of those above it that had to be made.
        access: Access,
    },
    /// Sets owner, group or mode of what is at a path.
    Access {
        /// An absolute path.
        path: String,
        /// What to set.
        access: Access,
        /// Whether a link is looked through.
        follow: bool,
    },
    /// Makes a symbolic link, replacing what link is there. Its target need not exist.
    Link {
        /// Where the link is.
        path: String,
        /// What it says.
        target: String,
    },
    /// Makes a hard link.
    HardLink {
        /// Where the new name is.
        path: String,
        /// The file it names.
        target: String,
    },
    /// Makes an empty file, or sets the times of one that is there to now.
    Touch {
        /// An absolute path.
        path: String,
        /// Owner and mode; a new file has them before it gets its name.
        access: Access,
        /// Whether a link is looked through.
        follow: bool,
    },
    /// Takes away a file, a link, or a folder with everything in it.
    Remove {
        /// An absolute path; never `/`.
        path: String,
    },
    /// Fetches a URL with what the host has (curl, wget, or apt's own helper) and puts it in place, also in that of a
    /// link.
    Download(Download),
    /// Runs a command. Whether its exit code is a failure is the asker's to say where `judge` is off.
    Run {
        /// The command.
        command: Command,
        /// Whether an exit code other than 0 is a failure of the action.
        judge: bool,
    },
    /// Runs a command of apt or dpkg, waiting for the lock that a fresh machine's own update holds.
    Apt {
        /// The command; `DEBIAN_FRONTEND=noninteractive` and the lock's timeout are added where it is run.
        command: Command,
    },
    /// Restarts the host and waits until it has come back with another boot id.
    Reboot {
        /// Seconds to wait at the most.
        timeout: u64,
    },
    /// Logs in anew, and goes on over that login once it is in. What was changed about logins shows by it.
    Reconnect,
    /// Remembers on the host that a handler was notified, so that it runs even if this run is cut.
    Notify {
        /// The playbook's name.
        playbook: String,
        /// The handler's name.
        handler: String,
    },
    /// Forgets that a handler was notified, because it ran.
    Notified {
        /// The playbook's name.
        playbook: String,
        /// The handler's name.
        handler: String,
    },
}

impl HostAction {
    /// The path whose name it changes or what is behind it, and whether it goes through a link that has the name; none
    /// of what is not about one.
    pub fn path(&self) -> Option<(&str, bool)> {
        match self {
            HostAction::Write(WriteFile { path, follow, .. })
            | HostAction::Copy(CopyFile { path, follow, .. })
            | HostAction::Access { path, follow, .. }
            | HostAction::Touch { path, follow, .. } => Some((path, *follow)),
            HostAction::Download(Download { path, .. })
            | HostAction::MakeDirectory { path, .. }
            | HostAction::Link { path, .. }
            | HostAction::HardLink { path, .. }
            | HostAction::Remove { path } => Some((path, false)),
            HostAction::Run { .. }
            | HostAction::Apt { .. }
            | HostAction::Reboot { .. }
            | HostAction::Reconnect
            | HostAction::Notify { .. }
            | HostAction::Notified { .. } => None,
        }
    }

    /// Whether performing it has changed the host. What only remembers handlers, or lets systemd read its units or apt
    /// its lists again, has not; of a command that its asker judges nobody can say.
    pub fn alters(&self) -> bool {
        match self {
            HostAction::Reconnect | HostAction::Notify { .. } | HostAction::Notified { .. } => {
                false
            }
            HostAction::Run { judge, command } => {
                *judge && !says(command, &["daemon-reload", "daemon-reexec"])
            }
            HostAction::Apt { .. } => !self.refreshes_lists(),
            HostAction::Write(_)
            | HostAction::Copy(_)
            | HostAction::MakeDirectory { .. }
            | HostAction::Access { .. }
            | HostAction::Link { .. }
            | HostAction::HardLink { .. }
            | HostAction::Touch { .. }
            | HostAction::Remove { .. }
            | HostAction::Download(_)
            | HostAction::Reboot { .. } => true,
        }
    }

    /// Whether it lets apt read its lists again, of which only the host can say whether anything new came.
    pub fn refreshes_lists(&self) -> bool {
        matches!(self, HostAction::Apt { command } if says(command, &["update"]))
    }
}

fn says(command: &Command, words: &[&str]) -> bool {
    let mut argv = command.argv.iter().map(String::as_str);
    argv.any(|word| words.contains(&word))
}

/// Owner, group and mode. Absent parts stay as they are; of a new file, as the process makes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Access {
    /// A user's name, or an id in digits.
    pub owner: Option<String>,
    /// A group's name, or an id in digits.
    pub group: Option<String>,
    /// Permission bits, 0 to 0o7777.
    pub mode: Option<u32>,
}

/// A file to put in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WriteFile {
    /// An absolute path. A file that something is mounted on is refused, because only writing into it would do, which
    /// a cut leaves half-done.
    pub path: String,
    /// What it is to hold.
    pub content: Content,
    /// Owner and mode, set before the file gets its name. A new file without a mode gets 0644 less the umask;
    /// one that replaces another keeps that one's.
    pub access: Access,
    /// A command that must exit with 0 for the new content; `%s` in a word is the path of the staged file.
    pub validate: Option<Vec<String>>,
    /// Whether the old content is kept beside it under a name with the time.
    pub backup: bool,
    /// Whether a link at the path is looked through; otherwise the file takes its place.
    pub follow: bool,
}

/// A file to put in place whose content is on the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CopyFile {
    /// The file that is copied; a link is looked through.
    pub source: String,
    /// What it must hash to when it is copied; none for whatever it holds by then.
    pub sha256: Option<String>,
    /// As of [`WriteFile`].
    pub path: String,
    /// As of [`WriteFile`].
    pub access: Access,
    /// As of [`WriteFile`].
    pub validate: Option<Vec<String>>,
    /// As of [`WriteFile`].
    pub backup: bool,
    /// As of [`WriteFile`].
    pub follow: bool,
}

/// Something to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Download {
    /// Where from: `http`, `https` or `file`.
    pub url: String,
    /// An absolute path.
    pub path: String,
    /// What it must hash to.
    pub sha256: Option<String>,
    /// The OpenPGP public keys that the file must hold; none for any file.
    pub keys: Option<Keys>,
    /// Owner and mode.
    pub access: Access,
}

/// What is fetched as keys: they are taken apart, checked, and written anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Keys {
    /// Each key's primary fingerprint must be in this list; empty for no check.
    pub fingerprints: Vec<String>,
    /// How they are stored, whatever they came in.
    pub form: Form,
}

impl Download {
    /// The URL without the name and password that may stand before its host.
    pub fn shown_url(&self) -> String {
        shown_url(&self.url)
    }
}

/// The URL without the name and password that may stand before its host (RFC 3986, 3.2.1).
pub fn shown_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://…{}", &rest[at..]),
        None => url.to_owned(),
    }
}
