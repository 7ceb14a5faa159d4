//! `copy`: a file with given content, or a folder.

mod folder;
mod sudoers;

use async_trait::async_trait;

use crate::model::host::FileType;
use crate::model::host_action::{CopyFile, HostAction};
use crate::model::{Change, Content, Effect, Failure, Probe, Shown, Value};
use crate::resource::Resource;

use crate::resource::host::access::WantedAccess;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::file_content::FileContent;
use crate::resource::host::managed_file::{FileSeen, ManagedFile};
use crate::resource::host::mode::Mode;
use folder::{Folder, Seen};

/// The arguments of `copy`.
pub const ARGUMENTS: &[&str] = &[
    "dest",
    "path",
    "src",
    "content",
    "remote_src",
    "directory_mode",
    "force",
    "thirsty",
    "validate",
    "backup",
    "follow",
    "mode",
    "owner",
    "group",
];

/// A file with given content.
pub struct Copy {
    file: ManagedFile,
    origin: Origin,
    /// The name it gets when `dest` is a folder.
    name: Option<String>,
    /// Whether `dest` was written with a slash at its end.
    into: bool,
    force: bool,
    /// Whether a file on the host gives its mode as well.
    preserve: bool,
}

enum Origin {
    Given(Content),
    /// A file on the host.
    Remote(String),
}

/// What is at `dest`, and at `src` when that is on the host.
pub struct Observed {
    file: ManagedFile,
    seen: FileSeen,
    new: Option<FileContent>,
    /// The folder that must be made first.
    folder: Option<String>,
}

/// What is brought to the host.
pub enum Copying {
    /// A file.
    File(Copy),
    /// A folder.
    Folder(Folder),
}

/// What is there already.
pub enum Found {
    /// Of a file.
    File(Box<Observed>),
    /// Of each entry of a folder.
    Folder(Vec<Seen>),
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<Copying, Failure> {
    arguments.exclusive("src", "content")?;
    Ok(match &context.folder {
        Some(brought) => Copying::Folder(Folder::read(arguments, context, brought)?),
        None => Copying::File(one(arguments, context)?),
    })
}

#[async_trait]
impl Resource for Copying {
    type Observed = Found;

    async fn observe(&self, world: &dyn Probe) -> Result<Found, Failure> {
        Ok(match self {
            Self::File(file) => Found::File(Box::new(file.observe(world).await?)),
            Self::Folder(folder) => Found::Folder(folder.observe(world).await?),
        })
    }

    fn plan(&self, found: &Found) -> Result<Change, Failure> {
        match (self, found) {
            (Self::File(file), Found::File(seen)) => file.plan(seen),
            (Self::Folder(folder), Found::Folder(seen)) => folder.plan(seen),
            (Self::File(_), Found::Folder(_)) | (Self::Folder(_), Found::File(_)) => {
                Err(Failure::bug("a copy was asked as something else"))
            }
        }
    }
}

fn one(arguments: &Arguments<'_>, context: &Context) -> Result<Copy, Failure> {
    let dest = arguments.text(&["dest", "path"])?.unwrap_or_default();
    let path = arguments.need_path(&["dest", "path"])?;
    if dest.ends_with('/') && arguments.has(&["content"]) {
        return Err(arguments.wrong("`content` needs a file as `dest`, not a folder"));
    }
    let src = arguments.text(&["src"])?;
    let remote = arguments.flag(&["remote_src"], false)?;
    let origin = match (&src, arguments.given(&["content"])) {
        (Some(_), _) if remote => Origin::Remote(arguments.need_path(&["src"])?),
        (Some(src), _) => Origin::Given(
            context
                .content
                .clone()
                .ok_or_else(|| arguments.wrong(format!("`src` cannot be read: {src}")))?,
        ),
        (None, Some((_, content))) => Origin::Given(literal(content)),
        (None, None) => return Err(arguments.wrong("one of `src` and `content` must be given")),
    };
    let preserve = arguments.text(&["mode"])?.as_deref() == Some("preserve");
    let wanted = if preserve {
        WantedAccess {
            mode: context.source_mode.map(Mode::Bits),
            ..WantedAccess::owners(arguments)?
        }
    } else {
        WantedAccess::read(arguments)?
    };
    Ok(Copy {
        file: ManagedFile {
            follow: arguments.flag(&["follow"], false)?,
            ..ManagedFile::read(arguments, path, wanted, context.secret)?
        },
        origin,
        name: src
            .as_deref()
            .and_then(|src| src.trim_end_matches('/').rsplit('/').next())
            .map(str::to_owned),
        into: dest.ends_with('/'),
        force: arguments.flag(&["force", "thirsty"], true)?,
        preserve,
    })
}

impl Copy {
    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let mut file = self.file.clone();
        let new = match &self.origin {
            Origin::Given(content) => Some(FileContent::Given(content.clone())),
            Origin::Remote(path) => {
                let (stat, held) = FileContent::of(world, path).await?;
                if self.preserve {
                    file.wanted.mode = stat.map(|stat| Mode::Bits(stat.mode));
                }
                held
            }
        };
        let mut seen = file.observe_for(world, new.as_ref()).await?;
        let mut folder = None;
        let is_folder = matches!(&seen.stat, Some(stat) if stat.kind == FileType::Directory);
        if let Some(name) = &self.name
            && (is_folder || self.into)
        {
            folder = (!is_folder).then(|| file.path.clone());
            file.path = format!("{}/{name}", file.path.trim_end_matches('/'));
            seen = file.observe_for(world, new.as_ref()).await?;
        }
        Ok(Observed {
            file,
            seen,
            new,
            folder,
        })
    }

    fn plan(&self, observed: &Observed) -> Result<Change, Failure> {
        if !self.force && observed.seen.there() {
            let result =
                serde_json::json!({"dest": observed.file.path, "path": observed.file.path});
            return Ok(Change::none().result(result));
        }
        let Some(new) = &observed.new else {
            return Ok(self.missing(&observed.file));
        };
        let mut change = observed.file.plan_content(&observed.seen, new.clone())?;
        if let FileContent::Given(content) = new
            && let Some(note) =
                sudoers::note(&observed.file.path, content).filter(|_| !change.is_none())
        {
            change = change.note(note);
        }
        if let Some(path) = &observed.folder {
            let make = HostAction::MakeDirectory {
                path: path.clone(),
                access: Default::default(),
            };
            change.actions.insert(0, make.into());
        }
        Ok(change)
    }

    /// The file on the host is not there yet: an earlier task may bring it, else the host says that it did not.
    fn missing(&self, file: &ManagedFile) -> Change {
        let Origin::Remote(src) = &self.origin else {
            return Change::none();
        };
        Change::new(Effect::Create)
            .field(&file.path, Shown::Absent, Shown::Unknown)
            .action(HostAction::Copy(CopyFile {
                source: src.clone(),
                sha256: None,
                path: file.path.clone(),
                access: file.wanted.fresh(false),
                validate: file.validate.clone(),
                backup: file.backup,
                follow: file.follow,
            }))
            .note(format!("{src} is not on the host yet."))
            .result(serde_json::json!({"dest": file.path, "path": file.path}))
    }
}

/// Ansible writes mappings and lists as JSON.
fn literal(value: &Value) -> Content {
    match value {
        Value::String(text) => Content::public(text.as_str()),
        Value::Bool(true) => Content::public("True"),
        Value::Bool(false) => Content::public("False"),
        other => Content::public(ascii(&python_json(other))),
    }
}

/// What is not ASCII as JSON escapes it. Python does so, and it stands in strings alone.
fn ascii(json: &str) -> String {
    let mut units = [0; 2];
    let escape = |c: char| {
        if c.is_ascii() {
            c.to_string()
        } else {
            c.encode_utf16(&mut units)
                .iter()
                .map(|unit| format!("\\u{unit:04x}"))
                .collect()
        }
    };
    json.chars().map(escape).collect()
}

/// JSON as Python writes it: a blank after each comma and colon.
fn python_json(value: &Value) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match value {
        Value::Array(items) => format!("[{}]", list(items.iter().map(python_json).collect())),
        Value::Object(map) => {
            let pairs = map.iter().map(|(key, value)| {
                format!("{}: {}", Value::from(key.as_str()), python_json(value))
            });
            format!("{{{}}}", list(pairs.collect()))
        }
        other => other.to_string(),
    }
}
