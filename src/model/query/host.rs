//! What a host can be asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Content, Printed, Value};

/// A question to a host, asked as whichever user the probe stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostQuery {
    /// What Ansible calls gathered facts, under their names without `ansible_`.
    Facts,
    /// What is at a path.
    Stat {
        /// An absolute path.
        path: String,
        /// Whether a link is looked through.
        follow: bool,
    },
    /// Where a path leads, and whether an action would go there: over no link that somebody else may have laid.
    Way {
        /// An absolute path.
        path: String,
        /// Whether a link at the path itself is looked through.
        follow: bool,
    },
    /// The content of a regular file, links looked through; none where there is no file.
    Read {
        /// An absolute path.
        path: String,
    },
    /// The first bytes of a regular file, links looked through; none where there is no file.
    Head {
        /// An absolute path.
        path: String,
        /// How many bytes at the most.
        bytes: u64,
    },
    /// The SHA-256 of a regular file, links looked through; none where there is no file.
    Sha256 {
        /// An absolute path.
        path: String,
    },
    /// The checksum of a regular file; none of anything else, of what may not be read, and where nothing is.
    Checksum {
        /// An absolute path.
        path: String,
        /// Whether a link is looked through.
        follow: bool,
        /// By which algorithm.
        algorithm: Algorithm,
    },
    /// The SHA-256 of what a URL gives to the host now; none where it gives nothing.
    Fetched {
        /// Where from: `http`, `https` or `file`.
        url: String,
    },
    /// The entries below a folder, not crossing into other file systems.
    List {
        /// An absolute path.
        path: String,
        /// How deep; 1 is the folder's own entries.
        depth: u32,
    },
    /// Every installed Debian package with its version: `dpkg-query`.
    Packages,
    /// When apt's lists were last updated, in seconds since 1970 by the host's clock, and that clock; 0 for never, 1
    /// after an update that failed.
    AptLists,
    /// A user's entry, its groups, and whether its password is locked (known to root only).
    User {
        /// The login name.
        name: String,
    },
    /// A group's entry.
    Group {
        /// The group's name, or its number.
        name: String,
    },
    /// A systemd unit.
    Unit {
        /// The name, with or without `.service`.
        name: String,
    },
    /// A kernel setting's running value; none where there is no such setting.
    Sysctl {
        /// The dotted key.
        key: String,
    },
    /// What a command prints. It must change nothing.
    Run(Command),
    /// The handlers that an interrupted run left notified for this playbook: in the memory of the user who asks and in
    /// root's; asked as root, in those of all who may become root.
    Notified {
        /// The playbook's name.
        playbook: String,
    },
}

/// A command: an argument vector, or a text for a shell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Command {
    /// The program and its arguments; for a shell text, the shell and its `-c` are added where it is run.
    pub argv: Vec<String>,
    /// A text for a shell, instead of `argv`.
    pub script: Option<String>,
    /// The shell for `script`; `/bin/sh` by default.
    pub shell: Option<String>,
    /// The folder to run in.
    pub chdir: Option<String>,
    /// Environment variables, which are handed over without appearing in the process list.
    pub environment: BTreeMap<String, String>,
    /// Standard input; empty by default. The only way for a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<Content>,
}

impl Command {
    /// A command of these words.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(argv: I) -> Self {
        Self {
            argv: argv.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// The same command with this standard input.
    pub fn stdin(mut self, content: Content) -> Self {
        self.stdin = Some(content);
        self
    }
}

/// What a command gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// The exit code; 128 + n for signal n.
    pub rc: i32,
    /// Standard output.
    pub stdout: Content,
    /// Standard error.
    pub stderr: Content,
}

impl Ran {
    /// Whether it exited with 0.
    pub fn ok(&self) -> bool {
        self.rc == 0
    }

    /// Standard output as text, bytes that are not UTF-8 replaced.
    pub fn out(&self) -> String {
        String::from_utf8_lossy(self.stdout.bytes()).into_owned()
    }

    /// Standard error as text, bytes that are not UTF-8 replaced.
    pub fn err(&self) -> String {
        String::from_utf8_lossy(self.stderr.bytes()).into_owned()
    }

    /// What it printed, as a failure keeps it.
    pub fn printed(&self) -> Printed {
        Printed::new(self.rc, self.stdout.bytes(), self.stderr.bytes())
    }
}

/// The kinds of file there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileType {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link.
    Link,
    /// A device of blocks.
    Block,
    /// A device of characters.
    Character,
    /// A pipe with a name.
    Pipe,
    /// A socket.
    Socket,
    /// What no POSIX system has.
    Other,
}

/// What whoever asks may do with something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permitted {
    /// Read it.
    pub read: bool,
    /// Write to it.
    pub write: bool,
    /// Run it, or go through it.
    pub execute: bool,
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// To this place, whose path has no link in it. What is not there yet lies below what is.
    Leads(String),
    /// Nowhere that an action would go: why not.
    Refused(String),
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stat {
    /// Its kind.
    pub kind: FileType,
    /// Permission bits, with set-id and sticky: 0 to 0o7777.
    pub mode: u32,
    /// The owner's id.
    pub uid: u32,
    /// The group's id.
    pub gid: u32,
    /// The owner's name; the id's digits where it has none.
    pub owner: String,
    /// The group's name; the id's digits where it has none.
    pub group: String,
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    /// Seconds since 1970.
    pub atime: i64,
    /// Seconds since 1970.
    pub ctime: i64,
    /// The inode's number.
    pub inode: u64,
    /// The number of hard links.
    pub links: u64,
    /// What a link says, as it says it.
    pub target: Option<String>,
    /// What the asking user may do with what is behind it; none in a list.
    pub permitted: Option<Permitted>,
}

/// A user's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The login name.
    pub name: String,
    /// Its id.
    pub uid: u32,
    /// The id of its primary group.
    pub gid: u32,
    /// The primary group's name.
    pub group: String,
    /// The comment (GECOS).
    pub comment: String,
    /// The home folder.
    pub home: String,
    /// The login shell.
    pub shell: String,
    /// Its other groups, sorted.
    pub groups: Vec<String>,
    /// Whether its password is locked; none when the asker may not know.
    pub locked: Option<bool>,
}

/// A group's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its id.
    pub gid: u32,
}

/// A systemd unit, in systemd's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// `LoadState`: `loaded`, `not-found`, `masked` …
    pub load: String,
    /// `ActiveState`: `active`, `inactive`, `failed` …
    pub active: String,
    /// `SubState`: `running`, `exited`, `dead` …
    pub sub: String,
    /// `UnitFileState`: `enabled`, `disabled`, `static` …; empty where there is no file.
    pub file: String,
    /// Whether a unit file changed since systemd read it (`NeedDaemonReload`).
    pub stale: bool,
}

/// An entry below a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its absolute path.
    pub path: String,
    /// What it is, links not looked through.
    pub stat: Stat,
}

/// How a checksum is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// MD5.
    Md5,
    /// SHA-1, which Ansible takes unless told otherwise.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostAnswer {
    /// To `Facts`: a mapping.
    Facts(Value),
    /// To `Stat`: none where nothing is.
    Stat(Option<Stat>),
    /// To `Way`.
    Way(Way),
    /// To `Read` and `Head`.
    Read(Option<Content>),
    /// To `Sha256` and `Fetched`: lower-case hexadecimal.
    Sha256(Option<String>),
    /// To `Checksum`: lower-case hexadecimal.
    Checksum(Option<String>),
    /// To `List`: none where there is no folder.
    List(Option<Vec<Entry>>),
    /// To `Packages`: name to version, for fully installed packages; a foreign architecture's is `name:arch`.
    Packages(BTreeMap<String, String>),
    /// To `AptLists`.
    AptLists {
        /// Seconds since 1970; 0 for never.
        updated: i64,
        /// The host's clock.
        now: i64,
    },
    /// To `User`.
    User(Option<User>),
    /// To `Group`.
    Group(Option<Group>),
    /// To `Unit`: none on a host without systemd.
    Unit(Option<Unit>),
    /// To `Sysctl`.
    Sysctl(Option<String>),
    /// To `Run`.
    Ran(Ran),
    /// To `Notified`: in the order they were notified, a user after the other.
    Notified(Vec<Noted>),
}

/// A handler that was notified and did not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// In whose memory it is.
    pub user: String,
    /// The handler's name.
    pub handler: String,
}
