//! What CI is told of targets, as variables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{record, selection::Selection};
use crate::model::{Failure, Target, TargetKind, visible};

/// A variable that anybody may see.
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value, which may have several lines.
    pub value: String,
}

/// A variable that is secret: whoever sets it reads the value from its file.
pub struct Secret {
    /// Its name.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// The public half of the key in it.
    pub public: String,
}

/// What pipelines of the field call the private key that opens a host.
const PRIVATE_KEY: &str = "PEM_FILE_CONTENT";

/// The variables of all targets, in their order: `WEB_1_SSH_USER`, or `SSH_USER` of one that was asked for by name.
///
/// Private keys are not among them, see [`secrets`]. Fails where two would have one name, and for a value that would drive
/// the terminal or the log in which CI shows it, or read there as what it is not.
pub fn variables(selection: &Selection<'_>) -> Result<Vec<Variable>, Failure> {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    let mut all = Vec::new();
    for target in selection.targets {
        for (name, value) in record::variables(target)? {
            let name = named(selection, target, &name);
            if let Some(owner) = owners.insert(name.clone(), &target.name) {
                return Err(same(owner, &target.name, &name));
            }
            let shown = visible::visible(&value);
            if shown != value {
                return Err(Failure::new(
                    "a value cannot be exported",
                    format!("`{name}` holds characters that nobody sees: {shown}"),
                )
                .help(
                    "Correct it in the environment file or on the host, and apply the environment.",
                ));
            }
            all.push(Variable { name, value });
        }
    }
    Ok(all)
}

/// The private keys of the hosts whose records name one.
pub fn secrets(selection: &Selection<'_>, folder: Option<&Path>) -> Vec<Secret> {
    let secret = |target: &Target| {
        let TargetKind::Host(host) = &target.kind else {
            return None;
        };
        Some(Secret {
            name: named(selection, target, PRIVATE_KEY),
            file: selection.key_file(target, host, folder)?,
            public: host.key.as_ref()?.public.clone(),
        })
    };
    selection.targets.iter().filter_map(secret).collect()
}

/// A target's variable as it is called in this selection.
pub fn named(selection: &Selection<'_>, target: &Target, name: &str) -> String {
    if selection.one_by_name {
        return name.to_owned();
    }
    let mut prefix = record::upper(&target.name);
    // A name does not begin with a digit.
    if prefix.starts_with(|c: char| c.is_ascii_digit()) {
        prefix.insert(0, '_');
    }
    format!("{prefix}_{name}")
}

fn same(owner: &str, other: &str, name: &str) -> Failure {
    if owner == other {
        return Failure::new(
            "two parts of a target have the same variable",
            format!("Two images or services of `{owner}` would both be written as `{name}`."),
        )
        .help("Rename one of them in the environment file, and apply it.");
    }
    Failure::new(
        "two targets have the same variables",
        format!("`{owner}` and `{other}` would both be written as `{name}`."),
    )
    .help("Rename one of them, or export them one at a time.")
}
