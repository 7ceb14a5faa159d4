//! Which answers an action may have changed.

use std::path::{Component, Path, PathBuf};

use crate::model::{
    Action, Query,
    host::HostQuery,
    host_action::HostAction::{self, *},
    local::LocalQuery,
    local_action::LocalAction,
};

/// Whether performing this action could change the answer to this question. In doubt it could.
///
/// Gathered facts stay what they were until the host restarts, as in Ansible: they say what the host was when the
/// playbook met it.
pub fn touched(action: &Action, query: &Query) -> bool {
    match (action, query) {
        (Action::Host(action), Query::Host(query)) => on_host(action, query),
        (Action::Local(action), Query::Local(query)) => on_this_machine(action, query),
        (Action::Iam(_), Query::Iam(_))
        | (Action::S3(_), Query::S3(_))
        | (Action::Ecs(_), Query::Ecs(_)) => true,
        // A stack makes resources of every service.
        (Action::Stack(_), query) => !matches!(query, Query::Host(_) | Query::Local(_)),
        _ => false,
    }
}

/// Whether both are about files, whichever: where there are links, different paths may be one file.
pub(super) fn some_file(action: &Action, query: &Query) -> bool {
    match (action, query) {
        (Action::Host(action), Query::Host(query)) => {
            written(action).is_some() && asked(query).is_some()
        }
        _ => false,
    }
}

fn on_this_machine(action: &LocalAction, query: &LocalQuery) -> bool {
    let (LocalAction::MakeKeyPair { path, .. } | LocalAction::RemoveKeyPair { path }) = action;
    let LocalQuery::KeyPair { path: asked } = query;
    path == asked
}

fn on_host(action: &HostAction, query: &HostQuery) -> bool {
    match (action, query) {
        (Reboot { .. }, _) => true,
        (Notify { playbook, .. } | Notified { playbook, .. }, query) => {
            matches!(query, HostQuery::Notified { playbook: of } if of == playbook)
        }
        (_, HostQuery::Facts | HostQuery::Notified { .. }) => false,
        (Run { .. } | Apt { .. }, _) => true,
        (action, query) => match written(action) {
            Some(path) => by_file(&path, matches!(action, Link { .. }), query),
            None => true,
        },
    }
}

/// Whether a change of what is at this path could change the answer.
fn by_file(path: &Path, link: bool, query: &HostQuery) -> bool {
    match query {
        HostQuery::Packages => path.starts_with("/var/lib/dpkg"),
        HostQuery::Candidates { .. } | HostQuery::AptLists => {
            path.starts_with("/etc/apt")
                || path.starts_with("/var/lib/apt")
                || path.starts_with("/var/lib/dpkg")
        }
        HostQuery::User { .. } | HostQuery::Group { .. } => path.parent() == Some("/etc".as_ref()),
        HostQuery::Unit { .. } => {
            path.starts_with("/etc/init.d") || path.iter().any(|part| part == "systemd")
        }
        HostQuery::Sysctl { .. } => path.starts_with("/proc"),
        // A program may look at any file, and may be one.
        HostQuery::Which { .. } | HostQuery::Run(_) | HostQuery::Fetched { .. } => true,
        query => match asked(query) {
            Some(asked) => link || path.starts_with(&asked) || asked.starts_with(path),
            None => false,
        },
    }
}

/// The path that an action changes, if it is about one.
fn written(action: &HostAction) -> Option<PathBuf> {
    action.path().map(|(path, _)| plain(path))
}

/// The path that a question is about, if it is about one.
fn asked(query: &HostQuery) -> Option<PathBuf> {
    match query {
        HostQuery::Stat { path, .. }
        | HostQuery::Way { path, .. }
        | HostQuery::Read { path }
        | HostQuery::Head { path, .. }
        | HostQuery::Sha256 { path }
        | HostQuery::Checksum { path, .. }
        | HostQuery::List { path, .. } => Some(plain(path)),
        _ => None,
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
pub fn plain(path: &str) -> PathBuf {
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
