//! `state: link` and `state: hard`.

use serde_json::Value;

use super::declared::{File, Observed, kind, word};
use crate::model::host::FileType;
use crate::model::host_action::{Access, HostAction};
use crate::model::{Change, Effect, Failure, Shown};

use crate::resource::host::access::registered;
use crate::resource::host::command_action::must_exist;

impl File {
    /// A symbolic link, which may lead nowhere when that is asked for.
    pub(super) fn link(&self, seen: &Observed) -> Result<Change, Failure> {
        let src = self.src.clone().unwrap_or_default();
        let before = match &seen.own {
            Some(stat) if stat.target.as_ref() == Some(&src) => {
                return Ok(match (&seen.through, self.follow) {
                    (Some(through), true) => self.accessible(Change::none(), through, "link"),
                    _ => self.accessible(Change::none(), stat, "link"),
                });
            }
            Some(stat) if stat.kind == FileType::Link => stat
                .target
                .clone()
                .map_or(Shown::Absent, |target| word(&target)),
            Some(stat) if stat.kind == FileType::Directory => {
                return Err(self.in_the_way("a folder", "a link"));
            }
            Some(_) if !self.force => {
                return Err(self
                    .in_the_way("a file", "a link")
                    .help("`force: true` replaces it."));
            }
            Some(stat) => kind(stat),
            None => Shown::Absent,
        };
        let effect = if seen.own.is_some() {
            Effect::Update
        } else {
            Effect::Create
        };
        let mut change = Change::new(effect).field(&self.path, before, word(&src));
        if seen.source.is_none() && !self.force {
            // Ansible refuses a link that would lead nowhere; an earlier task may still bring its target.
            let target = self.source_path().unwrap_or_default();
            change = change
                .note(format!(
                    "{target} is not there yet; a link that may lead nowhere needs `force: true`."
                ))
                .action(must_exist(&target));
        }
        if matches!(&seen.own, Some(stat) if stat.kind != FileType::Link) {
            change = change.action(HostAction::Remove {
                path: self.path.clone(),
            });
        }
        change = change.action(HostAction::Link {
            path: self.path.clone(),
            target: src.clone(),
        });
        let through = seen.source.as_ref();
        let access = through.map_or_else(Access::default, |stat| self.wanted.differs(stat).0);
        if access != Access::default() {
            change = change.action(self.access(access.clone(), self.follow));
        }
        let mut result = registered(&self.path, "link", through, &access);
        result.insert("src".into(), src.into());
        result.insert("dest".into(), self.path.clone().into());
        Ok(change.result(Value::Object(result)))
    }

    /// Another name of a file.
    pub(super) fn hard(&self, seen: &Observed) -> Result<Change, Failure> {
        let src = self.src.clone().unwrap_or_default();
        if let Some(own) = &seen.own {
            if matches!(&seen.source, Some(source) if own.inode == source.inode) {
                return Ok(self.accessible(Change::none(), own, "hard"));
            }
            if !self.force {
                return Err(self
                    .in_the_way("another file", "a hard link")
                    .help("`force: true` replaces it."));
            }
        }
        let mut change = Change::new(Effect::Create).field(
            &self.path,
            seen.own.as_ref().map_or(Shown::Absent, kind),
            word(&src),
        );
        if seen.source.is_none() {
            // Before anything is taken away for it.
            change = change
                .note(format!("{src} is not there yet."))
                .action(must_exist(&src));
        }
        if seen.own.is_some() {
            change = change.action(HostAction::Remove {
                path: self.path.clone(),
            });
        }
        change = change.action(HostAction::HardLink {
            path: self.path.clone(),
            target: src,
        });
        let result = self.result("hard", seen.source.as_ref(), &Access::default());
        Ok(change.result(result))
    }
}
