//! A folder of the operator's side on the host, with all that is in it.

use futures::future::try_join_all;
use serde_json::json;

use crate::model::host::{FileType, Stat};
use crate::model::host_action::{Access, HostAction};
use crate::model::{Change, Content, Effect, Failure, Probe, Shown};

use crate::resource::host::access::WantedAccess;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::context::{Brought, Context};
use crate::resource::host::file_content::FileContent;
use crate::resource::host::managed_file::{FileSeen, ManagedFile};
use crate::resource::host::mode::Mode;

/// A folder that shall be there, and what shall be in it. What else is in it stays.
pub struct Folder {
    src: String,
    dest: String,
    entries: Vec<Entry>,
    /// Owner, group and mode of the folders.
    wanted: WantedAccess,
    force: bool,
}

enum Entry {
    Folder(String),
    File(ManagedFile, Content),
}

/// What is at the path of an entry.
pub enum Seen {
    Folder(Option<Stat>),
    File(FileSeen),
}

impl Folder {
    /// Reads the arguments. As in Ansible and rsync, with a slash at the end of `src` it is what is in the folder that
    /// goes into `dest`, and without one the folder itself.
    pub fn read(
        arguments: &Arguments<'_>,
        context: &Context,
        brought: &[Brought],
    ) -> Result<Self, Failure> {
        let src = arguments.need(&["src"])?;
        let dest = arguments.need_path(&["dest", "path"])?;
        let preserve = arguments.text(&["mode"])?.as_deref() == Some("preserve");
        let wanted = if preserve {
            WantedAccess::owners(arguments)?
        } else {
            WantedAccess::read(arguments)?
        };
        let named = src.rsplit('/').next().filter(|name| !name.is_empty());
        let top = dest.trim_end_matches('/');
        let top = named.map_or_else(|| top.to_owned(), |name| format!("{top}/{name}"));
        let mut entries = vec![Entry::Folder(dest.clone())];
        if top != dest.trim_end_matches('/') {
            entries.push(Entry::Folder(top.clone()));
        }
        for one in brought {
            let path = format!("{top}/{}", one.path);
            entries.push(match &one.content {
                None => Entry::Folder(path),
                Some(content) => {
                    let mode = preserve.then_some(Mode::Bits(one.mode));
                    let wanted = WantedAccess {
                        mode: mode.or_else(|| wanted.mode.clone()),
                        ..wanted.clone()
                    };
                    let file = ManagedFile::read(arguments, path, wanted, context.secret)?;
                    let follow = arguments.flag(&["follow"], false)?;
                    Entry::File(ManagedFile { follow, ..file }, content.clone())
                }
            });
        }
        Ok(Self {
            src,
            dest,
            entries,
            wanted: WantedAccess {
                mode: WantedAccess::mode(arguments, "directory_mode")?,
                ..wanted
            },
            force: arguments.flag(&["force", "thirsty"], true)?,
        })
    }

    /// What is at each of the paths.
    pub async fn observe(&self, world: &dyn Probe) -> Result<Vec<Seen>, Failure> {
        let seen = self.entries.iter().map(async |entry| match entry {
            Entry::Folder(path) => Ok(Seen::Folder(ask::stat(world, path, true).await?)),
            Entry::File(file, content) => {
                let new = FileContent::Given(content.clone());
                Ok(Seen::File(file.observe_for(world, Some(&new)).await?))
            }
        });
        try_join_all(seen).await
    }

    /// What is to be done, the folders before what is in them.
    pub fn plan(&self, seen: &[Seen]) -> Result<Change, Failure> {
        let there = seen.iter().any(|one| match one {
            Seen::Folder(stat) => stat.is_some(),
            Seen::File(file) => file.there(),
        });
        let mut whole = Change::new(if there {
            Effect::Update
        } else {
            Effect::Create
        });
        for (entry, seen) in self.entries.iter().zip(seen) {
            let (path, change) = match (entry, seen) {
                (Entry::Folder(path), Seen::Folder(stat)) => (path, self.folder(path, stat)?),
                (Entry::File(file, _), Seen::File(seen)) if seen.there() && !self.force => {
                    (&file.path, Change::none())
                }
                (Entry::File(file, content), Seen::File(seen)) => {
                    (&file.path, file.plan(seen, content)?)
                }
                (Entry::Folder(path), Seen::File(_))
                | (Entry::File(ManagedFile { path, .. }, _), Seen::Folder(_)) => {
                    return Err(Failure::bug(format!("{path} was asked as something else")));
                }
            };
            whole.diff.extend(change.diff.into_iter().map(|mut field| {
                if field.path != *path {
                    field.path = format!("{path} {}", field.path);
                }
                field
            }));
            whole.actions.extend(change.actions);
            whole.notes.extend(change.notes);
            whole.salt = whole.salt.or(change.salt);
        }
        Ok(whole.result(
            json!({"dest": format!("{}/", self.dest.trim_end_matches('/')), "src": self.src}),
        ))
    }

    fn folder(&self, path: &str, seen: &Option<Stat>) -> Result<Change, Failure> {
        let path = path.to_owned();
        match seen {
            None => {
                let change = Change::new(Effect::Create);
                let made = change.field(&path, Shown::Absent, Shown::Value("directory".into()));
                let access = self.wanted.fresh(true);
                Ok(made.action(HostAction::MakeDirectory { path, access }))
            }
            Some(stat) if stat.kind == FileType::Directory => {
                let (access, fields) = self.wanted.differs(stat);
                let mut change = Change::none();
                // Where it goes may be anybody's: what is there already and was not brought stays as it is.
                if access == Access::default() || path == self.dest {
                    return Ok(change);
                }
                change.diff = fields;
                Ok(change.action(HostAction::Access {
                    path,
                    access,
                    follow: true,
                }))
            }
            Some(_) => Err(Failure::new(
                "there is something else where a folder shall be",
                format!("{path} was to be a folder."),
            )
            .help("Take it away, or name another `dest`.")),
        }
    }
}
