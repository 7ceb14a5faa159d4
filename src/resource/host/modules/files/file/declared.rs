//! A path and what shall be there, as the arguments of `file` say it.

use serde_json::Value;

use crate::model::host::{Entry, FileType, Stat};
use crate::model::host_action::{Access, HostAction};
use crate::model::{Change, Failure, Shown};

use crate::resource::host::access::{WantedAccess, registered};
use crate::resource::host::arguments::Arguments;

/// A path and what shall be there.
pub struct File {
    pub path: String,
    pub state: State,
    pub src: Option<String>,
    pub recurse: bool,
    pub force: bool,
    pub follow: bool,
    /// Whether `touch` leaves the times of what is there alone.
    pub keep_times: bool,
    pub wanted: WantedAccess,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Whatever is there; only owner and mode count.
    Any,
    File,
    Directory,
    Link,
    Hard,
    Touch,
    Absent,
}

/// What is at the path, and where it matters below it and at `src`.
pub struct Observed {
    /// Links not looked through.
    pub own: Option<Stat>,
    /// Links looked through.
    pub through: Option<Stat>,
    /// Each with whether it is what a link leads to.
    pub below: Vec<(Entry, bool)>,
    pub source: Option<Stat>,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>) -> Result<File, Failure> {
    let recurse = arguments.flag(&["recurse"], false)?;
    let word = arguments.choice(
        &["state"],
        &[
            "any",
            "file",
            "directory",
            "link",
            "hard",
            "touch",
            "absent",
        ],
    )?;
    let state = match word {
        "file" => State::File,
        "directory" => State::Directory,
        "link" => State::Link,
        "hard" => State::Hard,
        "touch" => State::Touch,
        "absent" => State::Absent,
        _ if recurse => State::Directory,
        _ => State::Any,
    };
    if recurse && state != State::Directory {
        return Err(arguments.wrong("`recurse` needs `state: directory`"));
    }
    let src = match state {
        // What a symbolic link says may be relative.
        State::Link => arguments.text(&["src"])?,
        _ => arguments.path(&["src"])?,
    };
    if matches!(state, State::Link | State::Hard) && src.is_none() {
        return Err(arguments.wrong("`src` is missing: what the link shall name"));
    }
    let kept = |name| match arguments.text(&[name])?.as_deref() {
        Some("preserve") => Ok(true),
        Some("now") if state == State::Touch => Ok(false),
        None | Some("") => Ok(false),
        Some(other) => Err::<bool, Failure>(arguments.wrong(format!(
            "`{name}` cannot be `{other}`; it is preserve, or now with `state: touch`"
        ))),
    };
    let (accessed, modified) = (kept("access_time")?, kept("modification_time")?);
    Ok(File {
        path: arguments.need_path(&["path", "dest", "name"])?,
        state,
        src,
        recurse,
        force: arguments.flag(&["force"], false)?,
        follow: arguments.flag(&["follow"], true)?,
        keep_times: accessed && modified,
        wanted: WantedAccess::read(arguments)?,
    })
}

impl File {
    /// The change with what sets owner and mode, where they differ.
    pub fn accessible(&self, mut change: Change, stat: &Stat, state: &str) -> Change {
        let (access, fields) = self.wanted.differs(stat);
        let result = self.result(state, Some(stat), &access);
        change.diff.extend(fields);
        if access != Access::default() {
            let follow = self.follow && stat.kind != FileType::Link;
            change = change.action(self.access(access, follow));
        }
        change.result(result)
    }

    pub fn access(&self, access: Access, follow: bool) -> HostAction {
        HostAction::Access {
            path: self.path.clone(),
            access,
            follow,
        }
    }

    pub fn result(&self, state: &str, stat: Option<&Stat>, access: &Access) -> Value {
        let mut map = registered(&self.path, state, stat, access);
        map.insert("dest".into(), self.path.clone().into());
        if let Some(src) = &self.src {
            map.insert("src".into(), src.clone().into());
        }
        Value::Object(map)
    }

    /// Where `src` is, seen from the folder the link is in.
    pub fn source_path(&self) -> Option<String> {
        let src = self.src.as_ref()?;
        if src.starts_with('/') {
            return Some(src.clone());
        }
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Some(format!("{folder}/{src}"))
    }

    pub fn in_the_way(&self, what: &str, wanted: &str) -> Failure {
        Failure::new(
            "something else is at this path",
            format!("{} is to be {wanted}, but {what} is there.", self.path),
        )
    }
}

/// A word as a plan shows it.
pub fn word(text: &str) -> Shown {
    Shown::Value(Value::from(text))
}

/// What kind of file is there, as a plan shows it.
pub fn kind(stat: &Stat) -> Shown {
    word(match stat.kind {
        FileType::File => "file",
        FileType::Directory => "directory",
        FileType::Link => "link",
        FileType::Block
        | FileType::Character
        | FileType::Pipe
        | FileType::Socket
        | FileType::Other => "special file",
    })
}
