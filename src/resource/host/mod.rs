//! Kinds on a host: what Ansible calls modules. A module's arguments, already rendered, are read into its type.
//!
//! Argument names, defaults and what a task registers are Ansible's. A module never refuses what an earlier task may
//! still bring (a user, a package, a unit): it decides an action that fails with the host's own words when it was not
//! brought, and says so in a note.

mod access;
mod apt;
mod apt_key;
mod apt_repository;
mod arguments;
mod ask;
mod authorized_key;
mod blockinfile;
mod command;
mod copy;
mod cron;
mod deb822_repository;
mod edit;
mod expansion;
mod file;
mod get_url;
mod group;
mod home;
mod hostname;
mod keyring;
mod lineinfile;
mod membership;
mod mode;
mod package;
mod password;
mod pattern;
mod place;
mod postgresql_db;
mod postgresql_user;
mod psql;
mod reboot;
mod replace;
mod run;
mod scram;
mod service;
mod simulation;
mod slurp;
mod stat;
mod sudoers;
mod sysctl;
mod timezone;
mod user;
mod wait_for;
mod wish;
mod words;

use std::collections::BTreeMap;

use crate::model::{Content, Failure, Map, Value};
use crate::resource::Decide;

pub use expansion::{Account, account, is_short, named};

use arguments::Arguments;
pub use words::split;

/// What a module may know beside its arguments.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// For `copy` with `src` and for `template`: what the file on the operator's side holds, rendered.
    pub content: Option<Content>,
    /// Permission bits of that file, for `mode: preserve`.
    pub source_mode: Option<u32>,
    /// The task's environment variables.
    pub environment: BTreeMap<String, String>,
    /// What is known of the host, under Ansible's names without `ansible_`.
    pub facts: Value,
    /// What is known of the user that the task runs as; needed where [`is_short`] says so.
    pub account: Account,
    /// Whether the task is `no_log`: what it writes is shown by digest only.
    pub secret: bool,
}

type Read = fn(&Arguments<'_>, &Context) -> Result<Box<dyn Decide>, Failure>;

/// A module: its name, its arguments' names, and how they are read.
struct Module(&'static str, &'static [&'static str], Read);

macro_rules! modules {
    ($($name:literal => $path:path),+ $(,)?) => {
        /// The name of every module, in alphabetical order.
        pub const NAMES: &[&str] = &[$($name),+];

        const MODULES: &[Module] = &[$({
            use $path as kind;
            Module($name, kind::ARGUMENTS, |arguments, context| {
                Ok(Box::new(kind::read(arguments, context)?))
            })
        }),+];
    };
}

modules! {
    "apt" => apt,
    "apt_key" => apt_key,
    "apt_repository" => apt_repository,
    "authorized_key" => authorized_key,
    "blockinfile" => blockinfile,
    "command" => command::exec,
    "copy" => copy,
    "cron" => cron,
    "deb822_repository" => deb822_repository,
    "file" => file,
    "get_url" => get_url,
    "group" => group,
    "hostname" => hostname,
    "lineinfile" => lineinfile,
    "package" => package,
    "postgresql_db" => postgresql_db,
    "postgresql_user" => postgresql_user,
    "raw" => command::raw,
    "reboot" => reboot,
    "replace" => replace,
    "service" => service,
    "shell" => command::shell,
    "slurp" => slurp,
    "stat" => stat,
    "sysctl" => sysctl,
    "systemd" => service,
    "systemd_service" => service,
    "template" => copy::template,
    "timezone" => timezone,
    "user" => user,
    "wait_for" => wait_for,
}

/// The module of this name with these arguments; none when there is no such module.
///
/// Refuses arguments it does not know, and values that are not what the argument takes.
pub fn realize(
    module: &str,
    args: &Map,
    context: &Context,
) -> Result<Option<Box<dyn Decide>>, Failure> {
    let Some(Module(name, known, read)) = find(module) else {
        return Ok(None);
    };
    let args = expansion::written_out(name, args, context);
    let arguments = Arguments::new(name, &args, known)?;
    read(&arguments, context).map(Some)
}

/// The names of a module's arguments; none when there is no such module.
pub fn arguments(module: &str) -> Option<&'static [&'static str]> {
    find(module).map(|Module(_, known, _)| *known)
}

fn find(module: &str) -> Option<&'static Module> {
    MODULES.iter().find(|Module(name, ..)| *name == module)
}
