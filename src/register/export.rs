//! The forms in which targets are handed on.

use std::path::Path;

use serde::Serialize;

use super::{dotenv, ssh};
use crate::model::{Failure, HostTarget, Target, TargetKind};

/// A form that CI, a deploy tool or ssh reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Variables, a line each: `DEST_HOST_ADDR=203.0.113.7`.
    Dotenv,
    /// The records themselves, as a list.
    Json,
    /// The hosts, as `ssh -F` reads them.
    SshConfig,
    /// The hosts' keys, as ssh compares them.
    KnownHosts,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 4] = [
        Format::Dotenv,
        Format::Json,
        Format::SshConfig,
        Format::KnownHosts,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Dotenv => "dotenv",
            Format::Json => "json",
            Format::SshConfig => "ssh_config",
            Format::KnownHosts => "known_hosts",
        }
    }

    /// The format of this name; none when there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: &'static str,
    /// Its text.
    pub content: String,
}

/// The targets in this form, as one text.
///
/// Refuses an empty selection, a form that needs a host where there is none, and values that the form cannot hold
/// without meaning something else.
pub fn export(targets: &[Target], format: Format) -> Result<String, Failure> {
    if targets.is_empty() {
        return Err(
            Failure::new("nothing to export", "No target is registered.")
                .help("Run `landfall apply ENVIRONMENT` first."),
        );
    }
    match format {
        Format::Dotenv => dotenv::render(targets),
        Format::Json => serde_json::to_string_pretty(targets)
            .map(|text| text + "\n")
            .map_err(|error| Failure::bug(format!("targets cannot be written: {error}"))),
        Format::SshConfig => ssh::config(&hosts(targets, format)?, None),
        Format::KnownHosts => ssh::known_hosts(&hosts(targets, format)?),
    }
}

/// The same as files of that folder: an `ssh_config` comes with the `known_hosts` it names. Refuses what [`export`]
/// refuses.
pub fn export_files(
    targets: &[Target],
    format: Format,
    folder: &Path,
) -> Result<Vec<File>, Failure> {
    let file = |name, content| File { name, content };
    Ok(match format {
        Format::Dotenv => vec![file("targets.env", export(targets, format)?)],
        Format::Json => vec![file("targets.json", export(targets, format)?)],
        Format::KnownHosts => vec![file("known_hosts", export(targets, format)?)],
        Format::SshConfig => {
            let hosts = hosts(targets, format)?;
            vec![
                file(
                    "ssh_config",
                    ssh::config(&hosts, Some(&folder.join("known_hosts")))?,
                ),
                file("known_hosts", ssh::known_hosts(&hosts)?),
            ]
        }
    })
}

/// The targets that are hosts; an error when none is.
fn hosts(targets: &[Target], format: Format) -> Result<Vec<(&Target, &HostTarget)>, Failure> {
    let hosts: Vec<_> = targets
        .iter()
        .filter_map(|target| match &target.kind {
            TargetKind::Host(host) => Some((target, host)),
            TargetKind::Ecs(_) => None,
        })
        .collect();
    if hosts.is_empty() {
        return Err(Failure::new(
            "nothing to export",
            format!(
                "`{}` was asked for, and none of the targets is a host.",
                format.name()
            ),
        )
        .help("Services on ECS are exported as `dotenv` or `json`."));
    }
    Ok(hosts)
}
