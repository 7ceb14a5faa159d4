//! The stacks and playbooks that come with the program.

use crate::model::Source;

macro_rules! shipped {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)))),+]
    };
}

/// Every shipped file: its path from the project's root, and its bytes. A test compares the list with the folders.
static FILES: &[(&str, &[u8])] = shipped![
    "playbooks/django-host.yml",
    "playbooks/docker-host.yml",
    "playbooks/docker-host/acme-certificate.yml",
    "playbooks/docker-host/acme.yml",
    "playbooks/docker-host/compose-is-roots.yml",
    "playbooks/docker-host/daemon.yml",
    "playbooks/docker-host/deploy-user-checks.yml",
    "playbooks/docker-host/deploy-user.yml",
    "playbooks/docker-host/forced-command.yml",
    "playbooks/docker-host/logs-checks.yml",
    "playbooks/docker-host/logs.yml",
    "playbooks/docker-host/other-profiles.yml",
    "playbooks/docker-host/rootless.yml",
    "playbooks/ecs-anywhere.yml",
    "playbooks/files/landfall-acme",
    "playbooks/files/landfall-acme.service",
    "playbooks/files/landfall-acme.timer",
    "playbooks/files/landfall-deploy",
    "playbooks/files/landfall-firewall.service",
    "playbooks/files/landfall-security-updates",
    "playbooks/hardening.yml",
    "playbooks/hardening/checks.yml",
    "playbooks/hardening/docker-logs.yml",
    "playbooks/hardening/firewall.yml",
    "playbooks/hardening/guard.yml",
    "playbooks/hardening/sshd.yml",
    "playbooks/hardening/system.yml",
    "playbooks/hardening/updates.yml",
    "playbooks/keep-access/arm.yml",
    "playbooks/keep-access/confirm.yml",
    "playbooks/keep-access/count.yml",
    "playbooks/keep-access/landfall-keep-access",
    "playbooks/keep-access/recover.yml",
    "playbooks/keep-access/undo.yml",
    "playbooks/templates/app.env.j2",
    "playbooks/templates/docker-compose.yml.j2",
    "playbooks/templates/docker-config.json.j2",
    "playbooks/templates/docker-rootless.service.j2",
    "playbooks/templates/firewall.nft.j2",
    "playbooks/templates/landfall-deploy.conf.j2",
    "playbooks/templates/nginx-site.conf.j2",
    "playbooks/templates/nginx.conf.j2",
    "playbooks/templates/rsyslog-logs.conf.j2",
    "playbooks/templates/sshd-hardening.conf.j2",
    "playbooks/templates/sudoers-forced-command.j2",
    "playbooks/templates/sudoers.j2",
    "playbooks/templates/supervisor.conf.j2",
    "stacks/ecs-cluster.yaml",
    "stacks/ecs-fargate.yaml",
];

/// The bytes of a shipped file by its path, for example `playbooks/templates/sudoers.j2`.
pub fn file(path: &str) -> Option<&'static [u8]> {
    FILES
        .iter()
        .find(|(name, _)| *name == path)
        .map(|(_, bytes)| *bytes)
}

/// A shipped playbook by the name users call it: `docker-host`.
pub fn playbook(name: &str) -> Option<Source> {
    source("playbooks", name, &["yml", "yaml"])
}

/// A shipped stack's template by the name users call it: `ecs-cluster`.
pub fn stack(name: &str) -> Option<Source> {
    source("stacks", name, &["yaml", "yml", "json"])
}

/// The paths of everything that is shipped, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The names of the shipped things that lie directly in a folder (`playbooks` or `stacks`), without their endings.
pub fn names_in(folder: &str) -> impl Iterator<Item = &'static str> {
    names().filter_map(move |name| {
        let rest = name.strip_prefix(folder)?.strip_prefix('/')?;
        let (stem, _) = rest.rsplit_once('.')?;
        (!stem.contains('/')).then_some(stem)
    })
}

fn source(folder: &str, name: &str, endings: &[&str]) -> Option<Source> {
    endings.iter().find_map(|ending| {
        let path = format!("{folder}/{name}.{ending}");
        let text = std::str::from_utf8(file(&path)?).ok()?;
        Some(Source::new(format!("shipped {path}"), text))
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                found.push(name.display().to_string());
            }
        }
    }

    #[test]
    fn everything_in_the_two_folders_is_shipped() {
        let mut found = Vec::new();
        for folder in ["playbooks", "stacks"] {
            walk(
                &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
                &mut found,
            );
        }
        found.sort();
        assert_eq!(names().collect::<Vec<_>>(), found);
    }
}
