//! The one table of all modules: how each is called, how its arguments are read, and which of them are paths.
//!
//! A new module is a file of its own and one line here.

use std::collections::BTreeSet;

use crate::model::{Failure, Map};
use crate::resource::Decide;

use super::arguments::Arguments;
use super::context::Context;
use super::expansion;
use super::modules::{accounts, commands, files, packages, postgresql, services, system};

type Read = fn(&Arguments<'_>, &Context) -> Result<Box<dyn Decide>, Failure>;

/// A module, as a task names it.
struct Module {
    name: &'static str,
    /// The names of its arguments, aliases among them.
    arguments: &'static [&'static str],
    /// Those of them that are paths on the host (Ansible's type `path`).
    paths: &'static [&'static str],
    read: Read,
}

macro_rules! modules {
    ($($name:literal => $path:path $({ paths: [$($argument:literal),+] })?),+ $(,)?) => {
        /// The name of every module, in alphabetical order.
        pub const NAMES: &[&str] = &[$($name),+];

        const MODULES: &[Module] = &[$({
            use $path as kind;
            Module {
                name: $name,
                arguments: kind::ARGUMENTS,
                paths: &[$($($argument),+)?],
                read: |arguments, context| Ok(Box::new(kind::read(arguments, context)?)),
            }
        }),+];
    };
}

modules! {
    "apt" => packages::apt,
    "apt_key" => packages::apt_key { paths: ["keyring"] },
    "apt_repository" => packages::apt_repository,
    "authorized_key" => accounts::authorized_key { paths: ["path"] },
    "blockinfile" => files::blockinfile { paths: ["path", "dest", "destfile", "name"] },
    "command" => commands::command { paths: ["chdir", "creates", "removes"] },
    "copy" => files::copy { paths: ["dest", "path"] },
    "cron" => services::cron { paths: ["cron_file"] },
    "deb822_repository" => packages::deb822_repository,
    "file" => files::file { paths: ["path", "dest", "name", "src"] },
    "get_url" => files::get_url { paths: ["dest"] },
    "group" => accounts::group,
    "hostname" => system::hostname,
    "lineinfile" => files::lineinfile { paths: ["path", "dest", "destfile", "name"] },
    "package" => packages::package,
    "ping" => system::ping,
    "postgresql_db" => postgresql::postgresql_db,
    "postgresql_user" => postgresql::postgresql_user,
    "raw" => commands::raw,
    "reboot" => system::reboot,
    "replace" => files::replace { paths: ["path", "dest", "destfile", "name"] },
    "service" => services::service,
    "shell" => commands::shell { paths: ["chdir", "creates", "removes"] },
    "slurp" => files::slurp { paths: ["src", "path"] },
    "stat" => files::stat { paths: ["path", "dest", "name"] },
    "sysctl" => system::sysctl { paths: ["sysctl_file"] },
    "systemd" => services::service,
    "systemd_service" => services::service,
    "template" => files::template { paths: ["dest", "path"] },
    "timezone" => system::timezone,
    "user" => accounts::user { paths: ["home", "shell"] },
    "wait_for" => commands::wait_for { paths: ["path"] },
}

/// The module of this name with these arguments; none when there is no such module.
///
/// Refuses arguments it does not know, and values that are not what the argument takes.
pub fn realize(
    module: &str,
    args: &Map,
    context: &Context,
) -> Result<Option<Box<dyn Decide>>, Failure> {
    let Some(module) = find(module) else {
        return Ok(None);
    };
    let args = expansion::written_out(module.name, module.paths, args, context);
    let arguments = Arguments::new(module.name, &args, module.arguments)?;
    (module.read)(&arguments, context).map(Some)
}

/// The names of a module's arguments; none when there is no such module.
pub fn arguments(module: &str) -> Option<&'static [&'static str]> {
    find(module).map(|module| module.arguments)
}

/// Whether these arguments of a module hold `~` or `$NAME` where the host has to be asked what that stands for.
pub fn needs_task_user(module: &str, args: &Map) -> bool {
    expansion::is_short(module, paths(module), args)
}

/// The users whose home folders (`~user`) these arguments of a module name.
pub fn users_named(module: &str, args: &Map) -> BTreeSet<String> {
    expansion::named(module, paths(module), args)
}

fn paths(module: &str) -> &'static [&'static str] {
    find(module).map_or(&[], |module| module.paths)
}

fn find(module: &str) -> Option<&'static Module> {
    MODULES.iter().find(|known| known.name == module)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn map(value: Value) -> Map {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_host_is_asked_only_for_what_is_written_out() {
        for (module, args, short) in [
            ("file", json!({"path": "~/x"}), true),
            ("file", json!({"path": "/x", "src": "$HOME"}), true),
            ("file", json!({"path": "/x~", "owner": "$HOME"}), false),
            ("file", json!({"path": "/cost/$/5$"}), false),
            ("copy", json!({"dest": "/x", "src": "~/x"}), false),
            (
                "copy",
                json!({"dest": "/x", "src": "~/x", "remote_src": "yes"}),
                true,
            ),
            ("copy", json!({"dest": "/x", "content": "$HOME"}), false),
            ("shell", json!({"_raw_params": "echo $HOME"}), false),
            ("command", json!({"_raw_params": "echo $HOME"}), true),
            ("command", json!({"_raw_params": "ls a~ '5$'"}), false),
        ] {
            assert_eq!(
                needs_task_user(module, &map(args.clone())),
                short,
                "{module} {args}"
            );
        }
        let users = users_named(
            "command",
            &map(json!({"_raw_params": "ls ~kim ~ ~/y ~lee/x"})),
        );
        assert_eq!(users.into_iter().collect::<Vec<_>>(), ["kim", "lee"]);
    }

    #[test]
    fn every_path_is_an_argument_of_its_module() {
        for module in MODULES {
            for name in module.paths {
                assert!(module.arguments.contains(name), "{}: {name}", module.name);
            }
        }
    }
}
