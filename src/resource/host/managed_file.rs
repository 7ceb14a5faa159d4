//! A file that shall be there with this content, owner and mode: what stands there now, and what is to be done.

use serde_json::json;
use sha1::Digest as _;

use crate::model::host::{FileType, Stat};
use crate::model::host_action::{Access, CopyFile, HostAction, WriteFile};
use crate::model::{Change, Content, Digest, Effect, Failure, Probe, Shown, Value};

use super::access::{WantedAccess, registered};
use super::arguments::Arguments;
use super::file_content::{FileContent, READ_UP_TO, differing};
use super::{ask, shell_words};

/// A file that shall be there.
#[derive(Debug, Clone)]
pub struct ManagedFile {
    /// Where.
    pub path: String,
    /// Owner, group and mode.
    pub wanted: WantedAccess,
    /// A command that must accept the new content.
    pub validate: Option<Vec<String>>,
    /// Whether the old content is kept.
    pub backup: bool,
    /// Whether only digests may be shown.
    pub secret: bool,
    /// Whether a link at the path is looked through; otherwise the file takes its place.
    pub follow: bool,
}

/// What stands at the path of a managed file.
#[derive(Debug, Clone, Default)]
pub struct FileSeen {
    /// What the file is; none as well where a link is to give way to it.
    pub stat: Option<Stat>,
    /// What the link says that is to give way.
    pub link: Option<String>,
    /// What it holds, when it was read.
    pub content: Option<Content>,
    sha256: Option<String>,
}

impl FileSeen {
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

impl ManagedFile {
    /// Reads `validate` and `backup`. A link is looked through.
    pub fn read(
        arguments: &Arguments<'_>,
        path: String,
        wanted: WantedAccess,
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
    pub async fn observe(&self, world: &dyn Probe) -> Result<FileSeen, Failure> {
        let (stat, content) = futures::join!(
            ask::stat(world, &self.path, self.follow),
            ask::read(world, &self.path)
        );
        let mut seen = self.observe_stat(world, stat?).await?;
        if seen.is_file() {
            seen.content = content?.map(|content| self.guarded(content));
        }
        Ok(seen)
    }

    /// Asks what is there, as much as is needed to compare it with this.
    pub async fn observe_for(
        &self,
        world: &dyn Probe,
        new: Option<&FileContent>,
    ) -> Result<FileSeen, Failure> {
        let short = |new: &Content| !new.is_secret() && new.bytes().len() <= READ_UP_TO;
        if new.is_none_or(|new| new.content().is_some_and(short)) {
            return self.observe_shown(world).await;
        }
        let (stat, sha256) = futures::join!(
            ask::stat(world, &self.path, self.follow),
            ask::sha256(world, &self.path)
        );
        let mut seen = self.observe_stat(world, stat?).await?;
        if seen.is_file() {
            seen.sha256 = sha256?;
        }
        Ok(seen)
    }

    /// Asks what is there, with the content where it is not too long to be shown, else its digest.
    async fn observe_shown(&self, world: &dyn Probe) -> Result<FileSeen, Failure> {
        let (stat, head) = futures::join!(
            ask::stat(world, &self.path, self.follow),
            ask::head(world, &self.path, READ_UP_TO as u64 + 1)
        );
        let mut seen = self.observe_stat(world, stat?).await?;
        if seen.is_file() {
            match head? {
                Some(head) if head.bytes().len() > READ_UP_TO => {
                    seen.sha256 = ask::sha256(world, &self.path).await?;
                }
                head => seen.content = head.map(|content| self.guarded(content)),
            }
        }
        Ok(seen)
    }

    /// What is there but for the content. A link to a folder is that folder, as the file's name may be put into it.
    async fn observe_stat(
        &self,
        world: &dyn Probe,
        stat: Option<Stat>,
    ) -> Result<FileSeen, Failure> {
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
        Ok(FileSeen {
            stat,
            link,
            ..FileSeen::default()
        })
    }

    /// What must be done so that the file holds this.
    pub fn plan(&self, seen: &FileSeen, new: &Content) -> Result<Change, Failure> {
        self.plan_content(seen, FileContent::Given(new.clone()))
    }

    /// What must be done so that the file holds this, which may be on the host itself.
    pub fn plan_content(&self, seen: &FileSeen, new: FileContent) -> Result<Change, Failure> {
        let new = match new {
            FileContent::Given(content) => FileContent::Given(self.guarded(content)),
            there => there,
        };
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
            let change = Change::new(effect).field(&self.path, before, new.shown());
            let access = self.wanted.fresh(false);
            let result = self.result(None, &access, &new);
            return Ok(self.write(change, access, None, &new).result(result));
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
                    follow: self.follow,
                });
            }
            return Ok(change.result(result));
        }
        let (before, after) = match (&seen.content, new.content()) {
            (Some(old), Some(new)) => differing(old, new),
            _ => (shown_before(stat, seen), new.shown()),
        };
        change = change.field(&self.path, before, after);
        let result = self.result(Some(stat), &access, &new);
        let access = self.wanted.whole(stat);
        Ok(self.write(change, access, Some(stat), &new).result(result))
    }

    fn holds(&self, seen: &FileSeen, new: &FileContent) -> bool {
        match (&seen.content, &seen.sha256, new) {
            (Some(old), _, FileContent::Given(new)) => old.bytes() == new.bytes(),
            (Some(old), _, new) => old.digest() == new.digest(),
            (None, Some(sum), new) => *sum == new.digest().sha256,
            (None, None, _) => false,
        }
    }

    fn write(
        &self,
        change: Change,
        access: Access,
        stat: Option<&Stat>,
        new: &FileContent,
    ) -> Change {
        let path = self.path.clone();
        let validate = self.validate.clone();
        let backup = self.backup && stat.is_some();
        let follow = self.follow;
        let action = match new {
            FileContent::Given(content) => HostAction::Write(WriteFile {
                path,
                content: content.clone(),
                access,
                validate,
                backup,
                follow,
            }),
            FileContent::OnHost { source, digest } => HostAction::Copy(CopyFile {
                source: source.clone(),
                sha256: Some(digest.sha256.clone()),
                path,
                access,
                validate,
                backup,
                follow,
            }),
        };
        change.action(action)
    }

    fn result(&self, stat: Option<&Stat>, access: &Access, new: &FileContent) -> Value {
        let mut map = registered(&self.path, "file", stat, access);
        map.insert("dest".into(), self.path.clone().into());
        map.insert("size".into(), new.digest().bytes.into());
        if let Some(new) = new.content().filter(|new| !new.is_secret()) {
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

fn shown_before(stat: &Stat, seen: &FileSeen) -> Shown {
    match (&seen.content, &seen.sha256) {
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
    let words = shell_words::split(&line)
        .map_err(|why| arguments.wrong(format!("`validate` {why}: {line}")))?;
    if !words.iter().any(|word| word.contains("%s")) {
        return Err(arguments
            .wrong(format!("`validate` must hold %s: {line}"))
            .help("%s stands for the path of the new file before it is put in place."));
    }
    Ok(Some(words))
}
