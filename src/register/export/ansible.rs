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
    program: false,
    render: ini,
    beside: &[&ssh::KNOWN_HOSTS],
};

/// As YAML.
pub const YAML: Format = Format {
    name: "ansible_yaml",
    about: "the same as YAML",
    file: "inventory.yml",
    program: false,
    render: yaml,
    beside: &[&ssh::KNOWN_HOSTS],
};

/// As a program that answers `--list` and `--host NAME` (Ansible, "Developing dynamic inventory").
pub const PROGRAM: Format = Format {
    name: "ansible_inventory",
    about: "the same as a program, which answers --list and --host",
    file: "inventory.sh",
    program: true,
    render: program,
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
        for (name, value) in settings(selection, target, host, folder)? {
            let value = match value {
                Value::String(text) if text.contains([' ', '"', '#', ';']) => format!("'{text}'"),
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
        for (name, value) in settings(selection, target, host, folder)? {
            text.push_str(&format!("      {name}: {value}\n"));
        }
    }
    Ok(text)
}

fn program(selection: &Selection<'_>, folder: Option<&Path>) -> Result<String, Failure> {
    let hosts = selection.hosts(PROGRAM.name)?;
    let Some((first, _)) = hosts.first() else {
        return Ok(String::new());
    };
    let group = group(first);
    let mut all = Map::new();
    for (target, host) in hosts {
        let name = ssh::word(target, "name", &target.name)?;
        let settings = settings(selection, target, host, folder)?;
        all.insert(name.to_owned(), Value::Object(settings));
    }
    let names: Vec<&String> = all.keys().collect();
    // With `_meta`, Ansible need not ask for each host on its own.
    let list = json!({ (group): { "hosts": names }, "_meta": { "hostvars": all } });
    let cases: Vec<String> = all.iter().map(|(name, one)| case(name, one)).collect();
    Ok([
        "#!/bin/sh\n# An inventory of Ansible: ansible-inventory -i inventory.sh --list. Nothing in it is secret.\nset -eu\n\n",
        "case ${1-} in\n--list)\n",
        &answer(&list),
        "    ;;\n--host)\n    case ${2-} in\n",
        &cases.concat(),
        "    *)\n        echo '{}'\n        ;;\n    esac\n    ;;\n",
        "*)\n    echo \"usage: $0 --list | --host NAME\" >&2\n    exit 2\n    ;;\nesac\n",
    ]
    .concat())
}

fn case(name: &str, settings: &Value) -> String {
    format!("    {name})\n{}        ;;\n", answer(settings))
}

/// A command that prints this. No line of an object's JSON is the word that ends it.
fn answer(value: &Value) -> String {
    format!("    cat <<'JSON'\n{value:#}\nJSON\n")
}

/// How Ansible enters the host.
fn settings(
    selection: &Selection<'_>,
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
    let mut options = Vec::new();
    if let Some(folder) = folder {
        let what = "known_hosts file";
        let file = ssh::quoted(target, what, &folder.join(ssh::KNOWN_HOSTS.file))?;
        options.push(format!(
            "-o UserKnownHostsFile={} -o StrictHostKeyChecking=yes",
            plain(target, what, file)?
        ));
    }
    if let Some(file) = selection.key_file(target, host, folder) {
        let what = "private key's file";
        let file = plain(target, what, file.to_string_lossy().into_owned())?;
        // Ansible hands it to ssh in double quotes, where ssh expands `%`.
        if file.contains(['%', '"', '\\', '$']) || file.contains(char::is_control) {
            return Err(ssh::refused(target, what, &file));
        }
        settings.insert("ansible_ssh_private_key_file".to_owned(), json!(file));
        options.push("-o IdentitiesOnly=yes".to_owned());
    }
    if !options.is_empty() {
        let options = json!(options.join(" "));
        settings.insert("ansible_ssh_common_args".to_owned(), options);
    }
    Ok(settings)
}

/// A text that INI can quote, and that is no template of Ansible's.
fn plain(target: &Target, what: &str, text: String) -> Result<String, Failure> {
    if ["'", "{{", "{%", "{#"]
        .iter()
        .any(|begin| text.contains(begin))
    {
        return Err(ssh::refused(target, what, &text));
    }
    Ok(text)
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
