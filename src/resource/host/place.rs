//! Putting a file in place: what is there, what it shall hold, what differs.

use serde_json::json;
use sha1::Digest as _;

use crate::model::host::{FileType, Stat};
use crate::model::host_action::{Access, HostAction, WriteFile};
use crate::model::{Change, Content, Digest, Effect, Failure, Probe, Shown, Value};

use super::access::{Wanted, registered};
use super::arguments::Arguments;
use super::{ask, words};

/// Files above this many bytes are compared by digest: their text would cost more to fetch than a diff is worth.
const READ_UP_TO: usize = 256 * 1024;

/// A file that shall be there.
#[derive(Debug, Clone)]
pub struct Place {
    /// Where.
    pub path: String,
    /// Owner, group and mode.
    pub wanted: Wanted,
    /// A command that must accept the new content.
    pub validate: Option<Vec<String>>,
    /// Whether the old content is kept.
    pub backup: bool,
    /// Whether only digests may be shown.
    pub secret: bool,
    /// Whether a link at the path is looked through; otherwise the file takes its place.
    pub follow: bool,
}

/// What is there.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// What the file is; none as well where a link is to give way to it.
    pub stat: Option<Stat>,
    /// What the link says that is to give way.
    pub link: Option<String>,
    /// What it holds, when it was read.
    pub content: Option<Content>,
    sha256: Option<String>,
}

impl Seen {
    /// Whether anything has the path.
    pub fn there(&self) -> bool {
        self.stat.is_some() || self.link.is_some()
    }

    /// Whether what was asked about the content is about this file: not about a folder, nor about what a link says.
    fn is_file(&self) -> bool {
        let folder = |stat: &Stat| stat.kind == FileType::Directory;
        self.link.is_none() && !self.stat.as_ref().is_some_and(folder)
    }
}

impl Place {
    /// Reads `validate` and `backup`. A link is looked through.
    pub fn read(
        arguments: &Arguments<'_>,
        path: String,
        wanted: Wanted,
        secret: bool,
    ) -> Result<Self, Failure> {
        Ok(Self {
            path,
            wanted,
            validate: validation(arguments)?,
            backup: arguments.flag(&["backup"], false)?,
            secret,
            follow: true,
        })
    }

    /// Asks what is there, content included.
    pub async fn observe(&self, world: &dyn Probe) -> Result<Seen, Failure> {
        let (stat, content) = futures::join!(
            ask::stat(world, &self.path, self.follow),
            ask::read(world, &self.path)
        );
        let mut seen = self.seen(world, stat?).await?;
        if seen.is_file() {
            seen.content = content?.map(|content| self.guarded(content));
        }
        Ok(seen)
    }

    /// Asks what is there, as much as is needed to compare it with this.
    pub async fn compare(&self, world: &dyn Probe, new: &Content) -> Result<Seen, Failure> {
        if !new.is_secret() && new.bytes().len() <= READ_UP_TO {
            return self.observe(world).await;
        }
        let (stat, sha256) = futures::join!(
            ask::stat(world, &self.path, self.follow),
            ask::sha256(world, &self.path)
        );
        let mut seen = self.seen(world, stat?).await?;
        if seen.is_file() {
            seen.sha256 = sha256?;
        }
        Ok(seen)
    }

    /// What is there but for the content. A link to a folder is that folder, as the file's name may be put into it.
    async fn seen(&self, world: &dyn Probe, stat: Option<Stat>) -> Result<Seen, Failure> {
        let (stat, link) = match stat {
            Some(link) if link.kind == FileType::Link => {
                let behind = ask::stat(world, &self.path, true).await?;
                let folder = behind.filter(|stat| stat.kind == FileType::Directory);
                let target = match &folder {
                    None => link.target,
                    Some(_) => None,
                };
                (folder, target)
            }
            stat => (stat, None),
        };
        Ok(Seen {
            stat,
            link,
            ..Seen::default()
        })
    }

    /// What must be done so that the file holds this.
    pub fn plan(&self, seen: &Seen, new: &Content) -> Result<Change, Failure> {
        let new = self.guarded(new.clone());
        if let Some(stat) = &seen.stat
            && stat.kind == FileType::Directory
        {
            return Err(Failure::new(
                "there is a folder where a file shall be",
                format!("{} was to be written.", self.path),
            )
            .help("Take the folder away, or name the file in it."));
        }
        let Some(stat) = &seen.stat else {
            let (effect, before) = match &seen.link {
                None => (Effect::Create, Shown::Absent),
                Some(target) => {
                    let link = format!("a link to {target}");
                    (Effect::Update, Shown::Value(link.into()))
                }
            };
            let change = Change::new(effect).field(&self.path, before, Shown::content(&new));
            return Ok(self.write(change, self.wanted.fresh(false), None, &new));
        };
        let (access, fields) = self.wanted.differs(stat);
        let mut change = Change::new(Effect::Update);
        change.diff = fields;
        if self.holds(seen, &new) {
            let result = self.result(Some(stat), &access, &new);
            if access != Access::default() {
                change = change.action(HostAction::Access {
                    path: self.path.clone(),
                    access,
                    recurse: false,
                    follow: self.follow,
                });
            }
            return Ok(change.result(result));
        }
        change = change.field(
            &self.path,
            shown_before(stat, seen, &new),
            Shown::content(&new),
        );
        Ok(self.write(change, access, Some(stat), &new))
    }

    fn holds(&self, seen: &Seen, new: &Content) -> bool {
        match (&seen.content, &seen.sha256) {
            (Some(content), _) => content.bytes() == new.bytes(),
            (None, Some(sum)) => *sum == new.digest().sha256,
            (None, None) => false,
        }
    }

    fn write(&self, change: Change, access: Access, stat: Option<&Stat>, new: &Content) -> Change {
        let result = self.result(stat, &access, new);
        change
            .action(HostAction::Write(WriteFile {
                path: self.path.clone(),
                content: new.clone(),
                access,
                validate: self.validate.clone(),
                backup: self.backup && stat.is_some(),
                follow: self.follow,
            }))
            .result(result)
    }

    fn result(&self, stat: Option<&Stat>, access: &Access, new: &Content) -> Value {
        let mut map = registered(&self.path, "file", stat, access);
        map.insert("dest".into(), self.path.clone().into());
        map.insert("size".into(), new.bytes().len().into());
        if !new.is_secret() {
            map.insert(
                "checksum".into(),
                json!(hex::encode(sha1::Sha1::digest(new.bytes()))),
            );
        }
        Value::Object(map)
    }

    fn guarded(&self, content: Content) -> Content {
        if self.secret && !content.is_secret() {
            Content::secret(content.bytes())
        } else {
            content
        }
    }
}

fn shown_before(stat: &Stat, seen: &Seen, new: &Content) -> Shown {
    match (&seen.content, &seen.sha256) {
        (Some(content), _) if new.is_secret() => Shown::Digest(content.digest()),
        (Some(content), _) => Shown::content(content),
        (None, Some(sum)) => Shown::Digest(Digest {
            sha256: sum.clone(),
            bytes: stat.size,
        }),
        (None, None) => Shown::Absent,
    }
}

fn validation(arguments: &Arguments<'_>) -> Result<Option<Vec<String>>, Failure> {
    let Some(line) = arguments
        .text(&["validate"])?
        .filter(|line| !line.is_empty())
    else {
        return Ok(None);
    };
    let words =
        words::split(&line).map_err(|why| arguments.wrong(format!("`validate` {why}: {line}")))?;
    if !words.iter().any(|word| word.contains("%s")) {
        return Err(arguments
            .wrong(format!("`validate` must hold %s: {line}"))
            .help("%s stands for the path of the new file before it is put in place."));
    }
    Ok(Some(words))
}
