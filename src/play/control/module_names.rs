//! The names of modules, and what was meant by one that is not among them.

use crate::{
    model::{Failure, meant::nearest, playbook::Task},
    play::control::dispatch::CONTROLS,
    resource::host,
};

/// Whether a module of this name is known.
pub fn is_known(module: &str) -> bool {
    CONTROLS.iter().any(|(name, ..)| *name == module) || host::NAMES.contains(&module)
}

/// Modules of Ansible that mean other hosts than the one a playbook is walked on, and what to do instead.
const REFUSED: &[(&str, &str)] = &[
    ("add_host", "Declare the host in the environment."),
    ("group_by", "Use a condition on the fact instead."),
    (
        "import_role",
        "Import the role's task file with `import_tasks`.",
    ),
    (
        "include_role",
        "Include the role's task file with `include_tasks`.",
    ),
];

/// Modules that come with ansible-core (2.19) and are not known here: a playbook may hold them for other hosts.
const ELSEWHERE: &[&str] = &[
    "assemble",
    "async_status",
    "debconf",
    "dnf",
    "dnf5",
    "dpkg_selections",
    "expect",
    "fetch",
    "find",
    "getent",
    "git",
    "iptables",
    "known_hosts",
    "mount_facts",
    "package_facts",
    "pip",
    "rpm_key",
    "script",
    "service_facts",
    "set_stats",
    "subversion",
    "sysvinit",
    "tempfile",
    "unarchive",
    "uri",
    "validate_argument_spec",
    "wait_for_connection",
    "yum",
    "yum_repository",
];

/// Whether Ansible would find the module of a task that is not known here, so that it skips the task where its condition
/// does not hold. Which collections beside its own are installed there nobody can say here.
pub fn is_known_elsewhere(task: &Task) -> bool {
    match task.collection.as_deref() {
        None | Some("ansible.builtin" | "ansible.legacy") => {
            let known = |name: &str| name == task.module;
            ELSEWHERE.iter().any(|name| known(name))
                || REFUSED
                    .iter()
                    .any(|(name, _)| known(name) && *name != "import_role")
        }
        Some(_) => true,
    }
}

/// The arguments a module takes; none where it takes any, or is not known.
pub fn arguments(module: &str) -> Option<&'static [&'static str]> {
    match CONTROLS.iter().find(|(name, ..)| *name == module) {
        Some((_, _, arguments)) => *arguments,
        None => host::arguments(module),
    }
}

/// The failure of a module that is not known, or that is refused.
pub fn unknown_module(task: &Task, told: usize) -> Failure {
    let module = &task.module;
    let failure = match REFUSED.iter().find(|(name, _)| name == module) {
        Some((_, instead)) => Failure::new(
            "a module that means other hosts or roles",
            format!("`{module}` has no meaning here."),
        )
        .help(*instead),
        None => {
            let written = match &task.collection {
                Some(collection) => format!("{collection}.{module}"),
                None => module.clone(),
            };
            let failure = Failure::new(
                "an unknown module",
                format!("Landfall knows no module `{written}`."),
            );
            match nearest(module, names(), told) {
                Some(near) => failure.help(format!("Did you mean `{near}`?")),
                None => failure.help("Use a command instead, or a module that is known."),
            }
        }
    };
    failure.at(&task.common.at)
}

fn names() -> impl Iterator<Item = &'static str> {
    CONTROLS
        .iter()
        .map(|(name, ..)| *name)
        .chain(host::NAMES.iter().copied())
}
