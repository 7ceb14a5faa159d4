//! Kinds on a host: what Ansible calls modules. A module's arguments, already rendered, are read into its type.
//!
//! Argument names, defaults and what a task registers are Ansible's. A module never refuses what an earlier task may
//! still bring (a user, a package, a unit): it decides an action that fails with the host's own words when it was not
//! brought, and says so in a note.

mod access;
mod arguments;
mod ask;
mod edit;
mod expansion;
mod keyring;
mod mode;
mod modules;
mod pattern;
mod place;
mod psql;
mod run;
mod words;

use std::collections::BTreeMap;

use crate::model::{Content, Failure, Map, Value};
use crate::resource::Decide;

pub use expansion::{Account, account, is_short, named};

use arguments::Arguments;
use modules::{accounts, commands, files, packages, postgresql, services, system};
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
    "apt" => packages::apt,
    "apt_key" => packages::apt_key,
    "apt_repository" => packages::apt_repository,
    "authorized_key" => accounts::authorized_key,
    "blockinfile" => files::blockinfile,
    "command" => commands::command::exec,
    "copy" => files::copy,
    "cron" => services::cron,
    "deb822_repository" => packages::deb822_repository,
    "file" => files::file,
    "get_url" => files::get_url,
    "group" => accounts::group,
    "hostname" => system::hostname,
    "lineinfile" => files::lineinfile,
    "package" => packages::package,
    "postgresql_db" => postgresql::postgresql_db,
    "postgresql_user" => postgresql::postgresql_user,
    "raw" => commands::command::raw,
    "reboot" => system::reboot,
    "replace" => files::replace,
    "service" => services::service,
    "shell" => commands::command::shell,
    "slurp" => files::slurp,
    "stat" => files::stat,
    "sysctl" => system::sysctl,
    "systemd" => services::service,
    "systemd_service" => services::service,
    "template" => files::copy::template,
    "timezone" => system::timezone,
    "user" => accounts::user,
    "wait_for" => commands::wait_for,
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
