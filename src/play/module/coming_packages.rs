//! What a package may bring that a plan only supposes to be installed.
//!
//! Nobody can say which files a package holds before it is fetched. By Debian's custom they bear its name: what is not
//! there yet, lies where packages put things, and bears the name of one that comes, may be there when an apply arrives.
//! It is told only where what is done then depends on it: a file that is written whole will hold the same.

use std::collections::BTreeSet;

use crate::{
    model::{Action, Change, Shown, host_action::HostAction},
    play::{module::recording_probe::Recording, run::Run, scope::task_item::TaskItem},
};

/// Modules that do another thing where a file is there already.
const DEPEND: &[&str] = &["blockinfile", "command", "lineinfile", "raw", "shell"];

/// Where packages put their files, and what of that they leave to the administrator (Filesystem Hierarchy Standard 3.0).
const THEIRS: &[&str] = &["/etc/", "/lib/", "/run/", "/usr/", "/var/"];
const OURS: &[&str] = &[
    "/usr/local/",
    "/etc/apt/sources.list.d/",
    "/etc/apt/keyrings/",
];

/// What the names of packages have behind the name of the thing.
const PARTS: &[&str] = &[
    "-base", "-bin", "-ce", "-client", "-common", "-core", "-daemon", "-full", "-light", "-server",
    "-tools", ".io",
];

impl Run {
    /// What a task's change depends on and a package may bring: the package, and the path.
    pub fn may_be_brought(
        &self,
        task_item: &TaskItem<'_>,
        recording: &Recording,
        change: &Change,
    ) -> Option<String> {
        let depends = change.is_none() || DEPEND.contains(&task_item.task.module.as_str());
        if !depends || !self.walk.executor.supposes() {
            return None;
        }
        recording.absent.iter().find_map(|path| {
            let mut coming = self.scopes.state.coming.iter();
            let package = coming.find(|package| may_hold(package, path))?;
            Some(format!(
                "{package}, which an earlier task installs, may bring {path}: apply decides by what stands there then."
            ))
        })
    }
}

/// The packages that a change installs.
pub fn coming(change: &Change) -> BTreeSet<String> {
    let installs = |action: &Action| match action {
        Action::Host(HostAction::Apt { command }) => {
            command.argv.iter().any(|word| word == "install")
        }
        _ => false,
    };
    if !change.actions.iter().any(installs) {
        return BTreeSet::new();
    }
    let comes = change
        .diff
        .iter()
        .filter(|field| field.before == Shown::Absent && !field.path.contains(' '));
    let name = comes.map(|field| field.path.split(':').next().unwrap_or_default().to_owned());
    name.collect()
}

fn may_hold(package: &str, path: &str) -> bool {
    let below = |folders: &[&str]| folders.iter().any(|folder| path.starts_with(folder));
    let stem = stem(package);
    below(THEIRS)
        && !below(OURS)
        && path
            .split('/')
            .any(|part| [package, stem].iter().any(|name| is_named(part, name)))
}

/// `redis` of `redis-server`, `postgresql` of `postgresql-17`.
fn stem(package: &str) -> &str {
    let numbers = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    let bare = package.trim_end_matches(numbers);
    let bare = if bare.is_empty() { package } else { bare };
    PARTS
        .iter()
        .find_map(|part| bare.strip_suffix(part))
        .filter(|stem| !stem.is_empty())
        .unwrap_or(bare)
}

/// Whether a name is that of a thing, with an ending (`nginx.conf`) or a number before it (`50unattended-upgrades`).
fn is_named(part: &str, name: &str) -> bool {
    let part = part.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = part.trim_start_matches('-').strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bears_the_name_of_a_package_may_be_its_own() {
        for (package, path) in [
            ("nginx", "/etc/nginx/nginx.conf"),
            ("nginx-common", "/etc/default/nginx"),
            ("redis-server", "/etc/redis/redis.conf"),
            ("postgresql-17", "/etc/postgresql/17/main/pg_hba.conf"),
            ("docker.io", "/etc/docker/daemon.json"),
            (
                "unattended-upgrades",
                "/etc/apt/apt.conf.d/50unattended-upgrades",
            ),
            ("apache2", "/etc/apache2/ports.conf"),
        ] {
            assert!(may_hold(package, path), "{package} {path}");
        }
        for (package, path) in [
            ("nginx", "/etc/hosts"),
            ("nginx", "/srv/nginx/app.conf"),
            ("nginx", "/usr/local/etc/nginx/app.conf"),
            ("nginx", "/etc/nginxx/app.conf"),
            ("docker-ce", "/etc/apt/sources.list.d/docker.list"),
            ("python3", "/etc/hosts"),
            ("7zip", "/etc/hosts"),
        ] {
            assert!(!may_hold(package, path), "{package} {path}");
        }
    }
}
