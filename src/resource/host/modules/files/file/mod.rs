//! `file`: a file's kind, owner and mode.

mod below;
mod declared;
mod links;

use async_trait::async_trait;

use crate::model::host::FileType;
use crate::model::host_action::{Access, HostAction};
use crate::model::{Change, Effect, Failure, Probe, Shown};
use crate::resource::Resource;

use crate::resource::host::access::{field, octal};
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::command_action::must_exist;
use crate::resource::host::context::Context;
use below::below;
use declared::{File, Observed, State, kind, word};

/// The arguments of `file`.
pub const ARGUMENTS: &[&str] = &[
    "path",
    "dest",
    "name",
    "state",
    "src",
    "recurse",
    "force",
    "follow",
    "mode",
    "owner",
    "group",
    "access_time",
    "modification_time",
];

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<File, Failure> {
    declared::read(arguments)
}

#[async_trait]
impl Resource for File {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let below = async {
            if self.recurse {
                below(world, &self.path, self.follow).await
            } else {
                Ok(Vec::new())
            }
        };
        let source = async {
            match self.source_path() {
                Some(path) => ask::stat(world, &path, true).await,
                None => Ok(None),
            }
        };
        let (own, through, below, source) = futures::try_join!(
            ask::stat(world, &self.path, false),
            ask::stat(world, &self.path, true),
            below,
            source
        )?;
        Ok(Observed {
            own,
            through,
            below,
            source,
        })
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let link = matches!(&seen.own, Some(stat) if stat.kind == FileType::Link);
        match self.state {
            State::Directory | State::File | State::Touch if link && !self.follow => {
                let folder = self.state == State::Directory;
                let wanted = if folder { "a folder" } else { "a file" };
                Err(self
                    .in_the_way("a link", wanted)
                    .help("`follow: true` looks through it."))
            }
            State::Absent => Ok(self.absent(seen)),
            State::Directory => self.directory(seen),
            State::Link => self.link(seen),
            State::Hard => self.hard(seen),
            State::Touch => Ok(self.touch(seen)),
            State::File | State::Any => self.file(seen),
        }
    }
}

impl File {
    fn absent(&self, seen: &Observed) -> Change {
        let change = match &seen.own {
            None => Change::none(),
            Some(stat) => Change::new(Effect::Delete)
                .field(&self.path, kind(stat), Shown::Absent)
                .action(HostAction::Remove {
                    path: self.path.clone(),
                }),
        };
        change.result(serde_json::json!({"path": self.path, "state": "absent"}))
    }

    fn directory(&self, seen: &Observed) -> Result<Change, Failure> {
        let Some(stat) = &seen.through else {
            if seen.own.is_some() {
                return Err(self.in_the_way("a link that leads nowhere", "a folder"));
            }
            let access = self.wanted.fresh(true);
            let result = self.result("directory", None, &access);
            return Ok(Change::new(Effect::Create)
                .field(&self.path, Shown::Absent, word("directory"))
                .action(HostAction::MakeDirectory {
                    path: self.path.clone(),
                    access,
                })
                .result(result));
        };
        if stat.kind != FileType::Directory {
            return Err(self.in_the_way("something else", "a folder"));
        }
        let mut change = self.accessible(Change::none(), stat, "directory");
        for (entry, linked) in &seen.below {
            let (access, fields) = self.wanted.differs(&entry.stat);
            if access == Access::default() {
                continue;
            }
            change.diff.extend(fields.into_iter().map(|mut field| {
                field.path = format!("{} {}", entry.path, field.path);
                field
            }));
            change = change.action(HostAction::Access {
                path: entry.path.clone(),
                access,
                follow: *linked,
            });
        }
        Ok(change)
    }

    fn touch(&self, seen: &Observed) -> Change {
        let touch = |access| HostAction::Touch {
            path: self.path.clone(),
            access,
            follow: self.follow,
        };
        match &seen.through {
            Some(stat) if self.keep_times => self.accessible(Change::none(), stat, "file"),
            Some(stat) => {
                let change = Change::new(Effect::Update).field(
                    "mtime",
                    word(&stat.mtime.to_string()),
                    word("now"),
                );
                let (access, fields) = self.wanted.differs(stat);
                let result = self.result("file", Some(stat), &access);
                let mut change = change.action(touch(access)).result(result);
                change.diff.extend(fields);
                change
            }
            None => {
                let access = self.wanted.fresh(false);
                let result = self.result("file", None, &access);
                Change::new(Effect::Create)
                    .field(&self.path, Shown::Absent, word("file"))
                    .action(touch(access))
                    .result(result)
            }
        }
    }

    fn file(&self, seen: &Observed) -> Result<Change, Failure> {
        let there = if self.follow {
            &seen.through
        } else {
            &seen.own
        };
        match there {
            Some(stat) if self.state == State::File && stat.kind == FileType::Directory => {
                Err(self.in_the_way("a folder", "a file"))
            }
            Some(stat) => {
                let state = match stat.kind {
                    FileType::Directory => "directory",
                    FileType::Link => "link",
                    _ => "file",
                };
                Ok(self.accessible(Change::none(), stat, state))
            }
            None => {
                // As in Ansible, this state makes nothing; what an earlier task brings is there by then.
                let access = self.wanted.fresh(false);
                let mut change = Change::new(Effect::Update).note(format!(
                    "{} is not there yet, and this task does not make it.",
                    self.path
                ));
                for (name, value) in [
                    ("owner", access.owner.clone()),
                    ("group", access.group.clone()),
                    ("mode", access.mode.map(octal)),
                ] {
                    change
                        .diff
                        .extend(value.map(|value| field(name, "", &value)));
                }
                let result = self.result("file", None, &access);
                Ok(change
                    .action(must_exist(&self.path))
                    .action(self.access(access, self.follow))
                    .result(result))
            }
        }
    }
}
