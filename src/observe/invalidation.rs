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

/// Whether performing this action could change the answer to this question, by the paths as they are written. In doubt it
/// could.
///
/// Gathered facts stay what they were until the host restarts, as in Ansible: they say what the host was when the
/// playbook met it. No action and no question is left to a rest without a name, so that whoever adds one is led here.
pub fn invalidates(action: &Action, query: &Query) -> bool {
    match (action, query) {
        (Action::Iam(_), Query::Iam(_))
        | (Action::S3(_), Query::S3(_))
        | (Action::Ecs(_), Query::Ecs(_))
        | (Action::Swarm(_), Query::Swarm(_))
        | (Action::Ssm(_), Query::Ssm(_))
        | (Action::Ssm(_) | Action::Ecs(_) | Action::Instance(_), Query::Instance(_))
        | (Action::Instance(_), Query::Ssm(_) | Query::Ecs(_)) => true,
        // A stack makes resources of every service.
        (Action::Stack(_), Query::Iam(_) | Query::S3(_) | Query::Stack(_) | Query::Ecs(_)) => true,
        (Action::Host(action), Query::Host(query)) => on_host(action, &rests_on(query)),
        (Action::Local(action), Query::Local(query)) => on_this_machine(action, query),
        // What anybody may begin or end to serve.
        (_, Query::Network(_)) => true,
        (Action::Registry(action), Query::Registry(query)) => in_the_registry(action, query),
        // The rest are of two places, or of two services.
        (
            Action::Iam(_)
            | Action::S3(_)
            | Action::Stack(_)
            | Action::Ecs(_)
            | Action::Host(_)
            | Action::Local(_)
            | Action::Registry(_)
            | Action::Swarm(_)
            | Action::Ssm(_)
            | Action::Instance(_),
            Query::Iam(_)
            | Query::S3(_)
            | Query::Stack(_)
            | Query::Ecs(_)
            | Query::Host(_)
            | Query::Local(_)
            | Query::Registry(_)
            | Query::Swarm(_)
            | Query::Ssm(_)
            | Query::Instance(_),
        ) => false,
    }
}

/// A key pair or a certificate is made or removed: only what lies in its files was asked about.
fn on_this_machine(action: &LocalAction, query: &LocalQuery) -> bool {
    let changed = match action {
        LocalAction::MakeKeyPair { path, .. } | LocalAction::RemoveKeyPair { path } => [path, path],
        LocalAction::MakeCertificate { chain, key, .. }
        | LocalAction::RemoveCertificate { chain, key } => [chain, key],
    };
    match query {
        LocalQuery::KeyPair { path } => changed.contains(&path),
        LocalQuery::Certificate { chain, key, .. } => {
            changed.contains(&chain) || changed.contains(&key)
        }
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

/// What the answer to a question of a host rests on.
pub(super) enum RestsOn<'a> {
    /// On what the host was when the playbook met it.
    Start,
    /// On which handlers of this playbook are remembered as notified.
    Handlers(&'a str),
    /// On what is at this path, above it, and below it.
    Path(&'a str),
    /// On files that are told by their path.
    Files(fn(&Path) -> bool),
}

pub(super) fn rests_on(query: &HostQuery) -> RestsOn<'_> {
    match query {
        HostQuery::Facts => RestsOn::Start,
        HostQuery::Notified { playbook } => RestsOn::Handlers(playbook),
        HostQuery::Stat { path, .. }
        | HostQuery::Way { path, .. }
        | HostQuery::Read { path }
        | HostQuery::Head { path, .. }
        | HostQuery::Sha256 { path }
        | HostQuery::Checksum { path, .. }
        | HostQuery::List { path, .. } => RestsOn::Path(path),
        HostQuery::Packages => RestsOn::Files(|path| path.starts_with("/var/lib/dpkg")),
        HostQuery::AptLists => RestsOn::Files(|path| {
            ["/etc/apt", "/var/lib/apt", "/var/lib/dpkg"]
                .iter()
                .any(|folder| path.starts_with(folder))
        }),
        HostQuery::User { .. } | HostQuery::Group { .. } => {
            RestsOn::Files(|path| path.parent() == Some("/etc".as_ref()))
        }
        HostQuery::Unit { .. } => RestsOn::Files(|path| {
            path.starts_with("/etc/init.d") || path.iter().any(|part| part == "systemd")
        }),
        HostQuery::Sysctl { .. } => RestsOn::Files(|path| path.starts_with("/proc")),
        // A program may look at any file.
        HostQuery::Run(_) | HostQuery::Fetched { .. } => RestsOn::Files(|_| true),
    }
}

fn on_host(action: &HostAction, rests_on: &RestsOn<'_>) -> bool {
    match action {
        HostAction::Reboot { .. } => true,
        HostAction::Notify { playbook, .. } | HostAction::Notified { playbook, .. } => {
            matches!(rests_on, RestsOn::Handlers(asked) if asked == playbook)
        }
        // A command may do anything to files, and a new login may have other groups than the one before.
        HostAction::Run { .. } | HostAction::Apt { .. } | HostAction::Reconnect => match rests_on {
            RestsOn::Path(_) | RestsOn::Files(_) => true,
            RestsOn::Start | RestsOn::Handlers(_) => false,
        },
        HostAction::Write(WriteFile { path, .. })
        | HostAction::Copy(CopyFile { path, .. })
        | HostAction::Download(Download { path, .. })
        | HostAction::MakeDirectory { path, .. }
        | HostAction::Access { path, .. }
        | HostAction::HardLink { path, .. }
        | HostAction::Touch { path, .. }
        | HostAction::Remove { path } => by_file(&normalized(path), false, rests_on),
        // By a link any other path may lead elsewhere.
        HostAction::Link { path, .. } => by_file(&normalized(path), true, rests_on),
    }
}

/// Whether a change of what is at this path could change the answer; `link` where a link was laid there.
fn by_file(path: &Path, link: bool, rests_on: &RestsOn<'_>) -> bool {
    match rests_on {
        RestsOn::Start | RestsOn::Handlers(_) => false,
        RestsOn::Files(are_these) => are_these(path),
        RestsOn::Path(asked) => {
            let asked = normalized(asked);
            link || path.starts_with(&asked) || asked.starts_with(path)
        }
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
            version: 1,
            images: std::collections::BTreeMap::new(),
            verified: None,
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
