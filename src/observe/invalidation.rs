//! Which answers an action may have changed.

use std::path::{Component, Path, PathBuf};

use crate::model::{
    Action, Query,
    host::HostQuery,
    host_action::{CopyFile, Download, HostAction, WriteFile},
    local::LocalQuery,
    local_action::LocalAction,
    registry::RegistryQuery,
    registry_action::RegistryAction,
};

/// Whether performing this action could change the answer to this question. In doubt it could.
///
/// Gathered facts stay what they were until the host restarts, as in Ansible: they say what the host was when the
/// playbook met it. Every pair is written out, so that whoever adds an action or a question is led here.
pub fn invalidates(action: &Action, query: &Query) -> bool {
    match action {
        Action::Iam(_) => match query {
            Query::Iam(_) => true,
            Query::S3(_)
            | Query::Stack(_)
            | Query::Ecs(_)
            | Query::Host(_)
            | Query::Local(_)
            | Query::Registry(_) => false,
        },
        Action::S3(_) => match query {
            Query::S3(_) => true,
            Query::Iam(_)
            | Query::Stack(_)
            | Query::Ecs(_)
            | Query::Host(_)
            | Query::Local(_)
            | Query::Registry(_) => false,
        },
        // A stack makes resources of every service.
        Action::Stack(_) => match query {
            Query::Iam(_) | Query::S3(_) | Query::Stack(_) | Query::Ecs(_) => true,
            Query::Host(_) | Query::Local(_) | Query::Registry(_) => false,
        },
        Action::Ecs(_) => match query {
            Query::Ecs(_) => true,
            Query::Iam(_)
            | Query::S3(_)
            | Query::Stack(_)
            | Query::Host(_)
            | Query::Local(_)
            | Query::Registry(_) => false,
        },
        Action::Host(action) => match query {
            Query::Host(query) => on_host(action, query),
            Query::Iam(_)
            | Query::S3(_)
            | Query::Stack(_)
            | Query::Ecs(_)
            | Query::Local(_)
            | Query::Registry(_) => false,
        },
        Action::Local(action) => match query {
            Query::Local(query) => on_this_machine(action, query),
            Query::Iam(_)
            | Query::S3(_)
            | Query::Stack(_)
            | Query::Ecs(_)
            | Query::Host(_)
            | Query::Registry(_) => false,
        },
        Action::Registry(action) => match query {
            Query::Registry(query) => in_the_registry(action, query),
            Query::Iam(_)
            | Query::S3(_)
            | Query::Stack(_)
            | Query::Ecs(_)
            | Query::Host(_)
            | Query::Local(_) => false,
        },
    }
}

/// Whether both are about files, whichever: where there are links, different paths may be one file.
pub(super) fn both_about_files(action: &Action, query: &Query) -> bool {
    let asks_about_a_file = match query {
        Query::Host(query) => asked_path(query).is_some(),
        Query::Iam(_)
        | Query::S3(_)
        | Query::Stack(_)
        | Query::Ecs(_)
        | Query::Local(_)
        | Query::Registry(_) => false,
    };
    asks_about_a_file && action.path_on_host().is_some()
}

/// A key pair is made or removed: only that pair was asked about.
fn on_this_machine(action: &LocalAction, query: &LocalQuery) -> bool {
    let path = match action {
        LocalAction::MakeKeyPair { path, .. } | LocalAction::RemoveKeyPair { path } => path,
    };
    match query {
        LocalQuery::KeyPair { path: asked } => path == asked,
    }
}

/// A target's record is written or taken out: only that record was asked about.
fn in_the_registry(action: &RegistryAction, query: &RegistryQuery) -> bool {
    let name = match action {
        RegistryAction::Register(target) => &target.name,
        RegistryAction::Remove { name } => name,
    };
    match query {
        RegistryQuery::Target { name: asked } => name == asked,
    }
}

fn on_host(action: &HostAction, query: &HostQuery) -> bool {
    match action {
        HostAction::Reboot { .. } => true,
        HostAction::Notify { playbook, .. } | HostAction::Notified { playbook, .. } => {
            by_handlers(playbook, query)
        }
        HostAction::Run { .. } | HostAction::Apt { .. } => by_command(query),
        HostAction::Write(WriteFile { path, .. })
        | HostAction::Copy(CopyFile { path, .. })
        | HostAction::Download(Download { path, .. })
        | HostAction::MakeDirectory { path, .. }
        | HostAction::Access { path, .. }
        | HostAction::HardLink { path, .. }
        | HostAction::Touch { path, .. }
        | HostAction::Remove { path } => by_file(&normalized(path), false, query),
        HostAction::Link { path, .. } => by_file(&normalized(path), true, query),
    }
}

/// Whether a change of which handlers of this playbook are remembered as notified could change the answer.
fn by_handlers(playbook: &str, query: &HostQuery) -> bool {
    match query {
        HostQuery::Notified { playbook: asked } => asked == playbook,
        HostQuery::Facts
        | HostQuery::Stat { .. }
        | HostQuery::Way { .. }
        | HostQuery::Read { .. }
        | HostQuery::Head { .. }
        | HostQuery::Sha256 { .. }
        | HostQuery::Checksum { .. }
        | HostQuery::Fetched { .. }
        | HostQuery::List { .. }
        | HostQuery::Packages
        | HostQuery::AptLists
        | HostQuery::User { .. }
        | HostQuery::Group { .. }
        | HostQuery::Unit { .. }
        | HostQuery::Sysctl { .. }
        | HostQuery::Run(_) => false,
    }
}

/// Whether a command, which may do anything, could change the answer.
fn by_command(query: &HostQuery) -> bool {
    match query {
        HostQuery::Facts | HostQuery::Notified { .. } => false,
        HostQuery::Stat { .. }
        | HostQuery::Way { .. }
        | HostQuery::Read { .. }
        | HostQuery::Head { .. }
        | HostQuery::Sha256 { .. }
        | HostQuery::Checksum { .. }
        | HostQuery::Fetched { .. }
        | HostQuery::List { .. }
        | HostQuery::Packages
        | HostQuery::AptLists
        | HostQuery::User { .. }
        | HostQuery::Group { .. }
        | HostQuery::Unit { .. }
        | HostQuery::Sysctl { .. }
        | HostQuery::Run(_) => true,
    }
}

/// Whether a change of what is at this path could change the answer; `link` where a link was laid there, by which any
/// other path may lead elsewhere.
fn by_file(path: &Path, link: bool, query: &HostQuery) -> bool {
    match query {
        HostQuery::Facts | HostQuery::Notified { .. } => false,
        HostQuery::Packages => path.starts_with("/var/lib/dpkg"),
        HostQuery::AptLists => {
            path.starts_with("/etc/apt")
                || path.starts_with("/var/lib/apt")
                || path.starts_with("/var/lib/dpkg")
        }
        HostQuery::User { .. } | HostQuery::Group { .. } => path.parent() == Some("/etc".as_ref()),
        HostQuery::Unit { .. } => {
            path.starts_with("/etc/init.d") || path.iter().any(|part| part == "systemd")
        }
        HostQuery::Sysctl { .. } => path.starts_with("/proc"),
        // A program may look at any file.
        HostQuery::Run(_) | HostQuery::Fetched { .. } => true,
        HostQuery::Stat { path: asked, .. }
        | HostQuery::Way { path: asked, .. }
        | HostQuery::Read { path: asked }
        | HostQuery::Head { path: asked, .. }
        | HostQuery::Sha256 { path: asked }
        | HostQuery::Checksum { path: asked, .. }
        | HostQuery::List { path: asked, .. } => {
            let asked = normalized(asked);
            link || path.starts_with(&asked) || asked.starts_with(path)
        }
    }
}

/// The path that a question is about, if it is about one.
fn asked_path(query: &HostQuery) -> Option<&str> {
    match query {
        HostQuery::Stat { path, .. }
        | HostQuery::Way { path, .. }
        | HostQuery::Read { path }
        | HostQuery::Head { path, .. }
        | HostQuery::Sha256 { path }
        | HostQuery::Checksum { path, .. }
        | HostQuery::List { path, .. } => Some(path),
        HostQuery::Facts
        | HostQuery::Fetched { .. }
        | HostQuery::Packages
        | HostQuery::AptLists
        | HostQuery::User { .. }
        | HostQuery::Group { .. }
        | HostQuery::Unit { .. }
        | HostQuery::Sysctl { .. }
        | HostQuery::Run(_)
        | HostQuery::Notified { .. } => None,
    }
}

/// Links that a Debian host has from the start, so that two spellings of one path are seen as one.
const SAME: [(&str, &str); 5] = [
    ("/bin", "/usr/bin"),
    ("/sbin", "/usr/sbin"),
    ("/lib", "/usr/lib"),
    ("/var/run", "/run"),
    ("/var/lock", "/run/lock"),
];

/// The path without the steps that lead nowhere, and without the links that every Debian host has.
pub fn normalized(path: &str) -> PathBuf {
    let mut plain = PathBuf::from("/");
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::Normal(part) => plain.push(part),
            _ => {}
        }
    }
    for (link, real) in SAME {
        if let Ok(rest) = plain.strip_prefix(link) {
            return if rest.as_os_str().is_empty() {
                PathBuf::from(real)
            } else {
                Path::new(real).join(rest)
            };
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HostTarget, Target, TargetKind};

    fn record(name: &str) -> Query {
        Query::Registry(RegistryQuery::Target {
            name: name.to_owned(),
        })
    }

    #[test]
    fn a_target_that_is_registered_or_removed_is_asked_for_anew_and_no_other() {
        let target = Target {
            name: "web".to_owned(),
            project: "shop".to_owned(),
            environment: "prod".to_owned(),
            registered: String::new(),
            kind: TargetKind::Host(HostTarget::default()),
        };
        let register = Action::Registry(RegistryAction::Register(Box::new(target)));
        let remove = Action::Registry(RegistryAction::Remove {
            name: "web".to_owned(),
        });
        for action in [register, remove] {
            assert!(invalidates(&action, &record("web")));
            assert!(!invalidates(&action, &record("api")));
            assert!(!invalidates(&action, &Query::Host(HostQuery::Packages)));
        }
    }

    #[test]
    fn a_stack_leaves_what_is_not_in_aws_alone() {
        let delete = Action::Stack(crate::model::stack_action::StackAction::Delete {
            name: "web".to_owned(),
            id: "id".to_owned(),
        });
        let role = Query::Iam(crate::model::iam::IamQuery::Role {
            name: "web".to_owned(),
        });
        assert!(invalidates(&delete, &role));
        assert!(!invalidates(&delete, &record("web")));
    }
}
