//! `package`: the host's own package manager, which is apt wherever this program is for.

use crate::model::{Failure, Value};

use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::modules::packages::apt::{self, Apt};

/// The arguments of `package`.
pub const ARGUMENTS: &[&str] = &[
    "name",
    "pkg",
    "state",
    "use",
    "update_cache",
    "cache_valid_time",
    "purge",
    "autoremove",
    "install_recommends",
    "allow_downgrade",
    "allow_unauthenticated",
    "default_release",
    "force",
];

/// Reads the arguments. Refuses a host that is known to be of another family than Debian's.
pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<Apt, Failure> {
    let family = context.facts.get("os_family").and_then(Value::as_str);
    if let Some(family) = family.filter(|family| *family != "Debian") {
        return Err(Failure::new(
            "this host's package manager is not known",
            format!("`package` knows Debian and Ubuntu; the host is of the family {family}."),
        ));
    }
    arguments.choice(&["use"], &["auto", "apt"])?;
    apt::read(arguments, context)
}
