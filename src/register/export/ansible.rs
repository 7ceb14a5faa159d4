//! Hosts as an inventory of Ansible.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{format::Format, selection::Selection, ssh};
use crate::model::{Failure, HostTarget, Target};

/// As INI (Ansible, "How to build your inventory").
pub const INI: Format = Format {
    name: "ansible_ini",
    about: "an inventory of Ansible as INI, in a group of the environment's name",
    file: "inventory.ini",
    render: ini,
    beside: &[&ssh::KNOWN_HOSTS],
};

/// As YAML.
pub const YAML: Format = Format {
    name: "ansible_yaml",
    about: "the same as YAML",
    file: "inventory.yml",
    render: yaml,
    beside: &[&ssh::KNOWN_HOSTS],
};

fn ini(selection: &Selection<'_>, folder: Option<&Path>) -> Result<String, Failure> {
    let mut text = String::new();
    let hosts = selection.hosts(INI.name)?;
    if let Some((target, _)) = hosts.first() {
        text.push_str(&format!("[{}]\n", group(target)));
    }
    for (target, host) in hosts {
        text.push_str(ssh::word(target, "name", &target.name)?);
        for (name, value) in settings(target, host, folder)? {
            let value = match value {
                Value::String(text) if text.contains([' ', '"']) => format!("'{text}'"),
                Value::String(text) => text,
                other => other.to_string(),
            };
            text.push_str(&format!(" {name}={value}"));
        }
        text.push('\n');
    }
    Ok(text)
}

fn yaml(selection: &Selection<'_>, folder: Option<&Path>) -> Result<String, Failure> {
    let hosts = selection.hosts(YAML.name)?;
    let mut text = String::new();
    if let Some((target, _)) = hosts.first() {
        text.push_str(&format!("{}:\n  hosts:\n", group(target)));
    }
    for (target, host) in hosts {
        // A text of JSON is one of YAML as well.
        let name = json!(ssh::word(target, "name", &target.name)?);
        text.push_str(&format!("    {name}:\n"));
        for (name, value) in settings(target, host, folder)? {
            text.push_str(&format!("      {name}: {value}\n"));
        }
    }
    Ok(text)
}

/// How Ansible enters the host.
fn settings(
    target: &Target,
    host: &HostTarget,
    folder: Option<&Path>,
) -> Result<Map<String, Value>, Failure> {
    let mut settings = Map::new();
    let address = ssh::word(target, "address", &host.address)?;
    settings.insert("ansible_host".to_owned(), json!(address));
    settings.insert("ansible_port".to_owned(), json!(host.port));
    let user = ssh::word(target, "user", &host.user)?;
    settings.insert("ansible_user".to_owned(), json!(user));
    if let Some(folder) = folder {
        let file = ssh::quoted(target, &folder.join("known_hosts"))?;
        if file.contains('\'') {
            return Err(ssh::refused(target, "known_hosts file", &file));
        }
        let words = format!("-o UserKnownHostsFile={file} -o StrictHostKeyChecking=yes");
        settings.insert("ansible_ssh_common_args".to_owned(), json!(words));
    }
    Ok(settings)
}

/// The environment's name as one of a group, which has letters, digits and `_` alone.
fn group(target: &Target) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = target.environment.chars().map(plain).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}
