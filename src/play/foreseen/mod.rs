//! What a plan only supposed, and a host's files as it foresees them: what stands there now, and what that makes of it.
//!
//! Without it, two tasks that are about one file would each be decided on the file as it is, and an apply would do what
//! no plan had shown.

mod content;
mod file;
mod stat;

use std::path::{Path, PathBuf};

use self::{
    content::{Will, checksum, head},
    file::File,
    stat::{NEW_FILE, NEW_FOLDER, given, made},
};
use crate::{
    model::{
        Action, Content, Query,
        host::{FileType, HostAnswer, HostQuery, Stat},
        host_action::{CopyFile, HostAction, WriteFile},
    },
    observe::{invalidates, normalized},
};

/// The supposed changes in order, each with the user who makes it.
#[derive(Debug, Clone, Default)]
pub struct Foreseen(Vec<Supposed>);

#[derive(Debug, Clone)]
struct Supposed {
    action: Action,
    /// The file that it is about.
    path: Option<PathBuf>,
    user: String,
}

impl Foreseen {
    /// Goes on as if `user` had done this.
    pub fn suppose(&mut self, actions: &[Action], user: &str) {
        self.0.extend(actions.iter().map(|action| Supposed {
            action: action.clone(),
            path: action.path_on_host().map(|(path, _)| normalized(path)),
            user: user.to_owned(),
        }));
    }

    /// Whether nothing was supposed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether what was supposed would alter the answer to one of these questions.
    pub fn alters(&self, asked: &[Query]) -> bool {
        asked
            .iter()
            .any(|query| self.0.iter().any(|one| invalidates(&one.action, query)))
    }

    fn files(&self) -> impl Iterator<Item = File<'_>> {
        self.0.iter().filter_map(|one| match &one.action {
            Action::Host(action) => Some(File {
                path: one.path.as_deref()?,
                action,
                user: &one.user,
            }),
            Action::Iam(_)
            | Action::S3(_)
            | Action::Stack(_)
            | Action::Ecs(_)
            | Action::Local(_)
            | Action::Registry(_)
            | Action::Swarm(_)
            | Action::Ssm(_)
            | Action::Instance(_) => None,
        })
    }

    /// What the host will answer, of which it says `now`. None where only the host will be able to tell.
    pub fn answer(&self, query: &HostQuery, now: HostAnswer) -> Option<HostAnswer> {
        match (query, now) {
            (HostQuery::Stat { path, follow }, HostAnswer::Stat(now)) => self
                .stat(&normalized(path), *follow, now)
                .map(HostAnswer::Stat),
            (HostQuery::Read { path }, HostAnswer::Read(now)) => {
                self.content(path, now, |content| Some(content.clone()), HostAnswer::Read)
            }
            (HostQuery::Head { path, bytes }, HostAnswer::Read(now)) => self.content(
                path,
                now,
                |content| Some(head(content, *bytes)),
                HostAnswer::Read,
            ),
            (HostQuery::Sha256 { path }, HostAnswer::Sha256(now)) => self.content(
                path,
                now,
                |content| Some(content.digest().sha256),
                HostAnswer::Sha256,
            ),
            (
                HostQuery::Checksum {
                    path, algorithm, ..
                },
                HostAnswer::Checksum(now),
            ) => self.content(
                path,
                now,
                |content| checksum(content, *algorithm),
                HostAnswer::Checksum,
            ),
            (HostQuery::List { path, .. }, now @ HostAnswer::List(_)) => {
                let folder = normalized(path);
                let below = |one: File<'_>| one.path != folder && one.path.starts_with(&folder);
                (!self.files().any(below)).then_some(now)
            }
            (_, now) => Some(now),
        }
    }

    /// What will be at a path; none where that is not foreseen.
    fn stat(&self, path: &Path, follow: bool, now: Option<Stat>) -> Option<Option<Stat>> {
        let mut will = Some(now);
        for one in self.files() {
            let at = one.path == path;
            let through = |linked: bool| {
                let link = matches!(&will, Some(Some(stat)) if stat.kind == FileType::Link);
                link && linked && !follow
            };
            match one.action {
                HostAction::Write(WriteFile { follow, .. })
                | HostAction::Copy(CopyFile { follow, .. })
                | HostAction::Access { follow, .. }
                | HostAction::Touch { follow, .. }
                    if at && through(*follow) => {}
                HostAction::Write(WriteFile {
                    content, access, ..
                }) if at => {
                    let before = will.flatten().filter(|stat| stat.kind == FileType::File);
                    let mut stat =
                        before.unwrap_or_else(|| made(one.user, FileType::File, NEW_FILE));
                    stat.size = content.bytes().len() as u64;
                    will = Some(Some(given(stat, access)));
                }
                HostAction::MakeDirectory { access, .. } if one.path.starts_with(path) => {
                    will = will.map(|stat| match stat {
                        Some(stat) if at => Some(given(stat, access)),
                        Some(stat) => Some(stat),
                        None => Some(given(
                            made(one.user, FileType::Directory, NEW_FOLDER),
                            access,
                        )),
                    });
                }
                HostAction::Access { access, .. } if at => {
                    will = will.flatten().map(|stat| Some(given(stat, access)));
                }
                HostAction::Touch { access, .. } if at => {
                    will = will.map(|stat| {
                        let stat = stat.unwrap_or_else(|| made(one.user, FileType::File, NEW_FILE));
                        Some(given(stat, access))
                    });
                }
                HostAction::Link { target, .. } if at && !follow => {
                    let mut stat = made(one.user, FileType::Link, 0o777);
                    stat.target = Some(target.clone());
                    will = Some(Some(stat));
                }
                HostAction::Remove { .. } if path.starts_with(one.path) => will = Some(None),
                HostAction::Copy(_) | HostAction::HardLink { .. } | HostAction::Download(_)
                    if at =>
                {
                    will = None;
                }
                HostAction::Link { .. } if path.starts_with(one.path) => will = None,
                // The others do nothing to a file, or not to this one.
                HostAction::Write(_)
                | HostAction::Copy(_)
                | HostAction::MakeDirectory { .. }
                | HostAction::Access { .. }
                | HostAction::Link { .. }
                | HostAction::HardLink { .. }
                | HostAction::Touch { .. }
                | HostAction::Remove { .. }
                | HostAction::Download(_)
                | HostAction::Run { .. }
                | HostAction::Apt { .. }
                | HostAction::Reboot { .. }
                | HostAction::Reconnect
                | HostAction::Notify { .. }
                | HostAction::Notified { .. } => {}
            }
        }
        will
    }

    /// What is said of the content that a path will have.
    fn content<T>(
        &self,
        path: &str,
        now: Option<T>,
        said: impl Fn(&Content) -> Option<T>,
        answer: impl Fn(Option<T>) -> HostAnswer,
    ) -> Option<HostAnswer> {
        match content::foreseen(self.files(), &normalized(path), now.is_some()) {
            Will::Stay => Some(answer(now)),
            Will::Be(None) => Some(answer(None)),
            Will::Be(Some(content)) => said(&content).map(|said| answer(Some(said))),
            Will::Tell => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::host_action::Access;

    fn write(path: &str, content: &str) -> HostAction {
        HostAction::Write(WriteFile {
            path: path.to_owned(),
            content: Content::public(content),
            access: Access::default(),
            validate: None,
            backup: false,
            follow: false,
        })
    }

    fn copy(path: &str) -> HostAction {
        HostAction::Copy(CopyFile {
            source: "/srv/source".to_owned(),
            sha256: None,
            path: path.to_owned(),
            access: Access::default(),
            validate: None,
            backup: false,
            follow: false,
        })
    }

    fn remove(path: &str) -> HostAction {
        HostAction::Remove {
            path: path.to_owned(),
        }
    }

    fn link(path: &str) -> HostAction {
        HostAction::Link {
            path: path.to_owned(),
            target: "/srv/target".to_owned(),
        }
    }

    fn after<const N: usize>(actions: [HostAction; N]) -> Foreseen {
        let mut foreseen = Foreseen::default();
        foreseen.suppose(&actions.map(Action::Host), "app");
        foreseen
    }

    fn reads(foreseen: &Foreseen, now: Option<&str>) -> Option<Option<String>> {
        let query = HostQuery::Read {
            path: "/srv/a".to_owned(),
        };
        match foreseen.answer(&query, HostAnswer::Read(now.map(Content::public)))? {
            HostAnswer::Read(content) => {
                Some(content.map(|content| content.text().unwrap_or_default().to_owned()))
            }
            other => panic!("{other:?}"),
        }
    }

    fn stat(foreseen: &Foreseen, path: &str, follow: bool) -> Option<Option<Stat>> {
        let query = HostQuery::Stat {
            path: path.to_owned(),
            follow,
        };
        match foreseen.answer(&query, HostAnswer::Stat(None))? {
            HostAnswer::Stat(stat) => Some(stat),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_holds_what_was_written_last() {
        let text = |text: &str| Some(Some(text.to_owned()));
        assert_eq!(reads(&after([write("/srv/b", "1")]), Some("0")), text("0"));
        assert_eq!(
            reads(
                &after([write("/srv/a", "1"), write("/srv//a", "2")]),
                Some("0")
            ),
            text("2")
        );
        assert_eq!(reads(&after([remove("/srv")]), Some("0")), Some(None));
        assert_eq!(
            reads(&after([remove("/srv"), write("/srv/a", "1")]), None),
            text("1")
        );
    }

    #[test]
    fn what_only_the_host_can_tell_is_not_foreseen_until_it_is_written_over() {
        for action in [copy("/srv/a"), link("/srv/a"), link("/srv")] {
            assert_eq!(reads(&after([action.clone()]), Some("0")), None);
            assert_eq!(
                reads(&after([action, remove("/srv/a")]), Some("0")),
                Some(None)
            );
        }
        let query = HostQuery::List {
            path: "/srv".to_owned(),
            depth: 1,
        };
        let now = HostAnswer::List(None);
        assert_eq!(
            after([write("/srv/a", "")]).answer(&query, now.clone()),
            None
        );
        assert_eq!(
            after([write("/etc/a", "")]).answer(&query, now.clone()),
            Some(now)
        );
    }

    #[test]
    fn a_new_thing_belongs_to_who_makes_it_unless_it_is_given_away() {
        let access = Access {
            owner: Some("root".to_owned()),
            group: None,
            mode: Some(0o750),
        };
        let made = HostAction::MakeDirectory {
            path: "/srv/a/b".to_owned(),
            access: access.clone(),
        };
        for path in ["/srv/a", "/srv/a/b"] {
            let stat = stat(&after([made.clone()]), path, true).flatten().unwrap();
            assert_eq!((stat.kind, stat.mode), (FileType::Directory, 0o750));
            assert_eq!(
                (stat.owner.as_str(), stat.group.as_str(), stat.uid),
                ("root", "app", 0)
            );
        }
        let made = stat(&after([write("/srv/a", "12")]), "/srv/a", true)
            .flatten()
            .unwrap();
        assert_eq!(
            (made.mode, made.size, made.owner.as_str()),
            (0o644, 2, "app")
        );
        let made = stat(&after([link("/srv/a")]), "/srv/a", false)
            .flatten()
            .unwrap();
        assert_eq!(made.target.as_deref(), Some("/srv/target"));
        assert_eq!(stat(&after([link("/srv/a")]), "/srv/a", true), None);
    }
}
