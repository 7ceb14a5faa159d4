//! Hosts as ssh reads them (ssh_config(5), sshd(8) on `known_hosts`).

use std::path::Path;

use super::{format::Format, selection::Selection};
use crate::model::{Failure, HostTarget, Target};

/// A `Host` block each, reached by the target's name.
pub const SSH_CONFIG: Format = Format {
    name: "ssh_config",
    about: "the hosts by their names, for `ssh -F`",
    file: "ssh_config",
    program: false,
    render: config,
    beside: &[&KNOWN_HOSTS],
};

/// The hosts' keys, as ssh compares them.
pub const KNOWN_HOSTS: Format = Format {
    name: "known_hosts",
    about: "the hosts' keys, as ssh compares them",
    file: "known_hosts",
    program: false,
    render: |selection, _| known_hosts(&selection.hosts(KNOWN_HOSTS.name)?),
    beside: &[],
};

/// The file that ssh looks into for every host, where a person or a pipeline has no other.
const OWN: &str = "~/.ssh/known_hosts";

/// A `Host` block each, reached by the target's name. Only the keys in the folder's `known_hosts` are accepted; without a
/// folder, those in ssh's own file, which must be told of them: how stands above the blocks.
///
/// Refuses values that would be read as something else: a line feed begins a new option, `*` is a pattern.
fn config(selection: &Selection<'_>, folder: Option<&Path>) -> Result<String, Failure> {
    let known_hosts = folder.map(|folder| folder.join(KNOWN_HOSTS.file));
    let hosts = selection.hosts(SSH_CONFIG.name)?;
    let mut blocks = Vec::new();
    for &(target, host) in &hosts {
        let name = word(target, "name", &target.name)?;
        let mut block = format!("Host {name}\n");
        block.push_str(&format!(
            "    HostName {}\n",
            // ssh expands what stands behind a `%` here.
            address(target, &host.address)?.replace('%', "%%")
        ));
        block.push_str(&format!("    Port {}\n", host.port));
        block.push_str(&format!("    User {}\n", word(target, "user", &host.user)?));
        block.push_str("    StrictHostKeyChecking yes\n");
        let file = match &known_hosts {
            Some(path) => quoted(target, "known_hosts file", path)?,
            None => OWN.to_owned(),
        };
        block.push_str(&format!("    UserKnownHostsFile {file}\n"));
        if let Some(file) = selection.key_file(target, host, folder) {
            let file = quoted(target, "private key's file", &file)?;
            // Else ssh offers the agent's keys first, and sshd hangs up after six.
            block.push_str(&format!(
                "    IdentityFile {file}\n    IdentitiesOnly yes\n"
            ));
        }
        blocks.push(block);
    }
    let above = match (&known_hosts, hosts.first()) {
        (None, Some((target, _))) => told(&target.environment),
        _ => String::new(),
    };
    Ok(above + &blocks.join("\n"))
}

/// How ssh's own file gets the keys. It asks nobody about one that is not in there: it refuses the host.
fn told(environment: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-".contains(c);
    let environment = if environment.chars().all(plain) {
        environment
    } else {
        "ENVIRONMENT"
    };
    format!(
        "# ssh takes no key of these hosts that is not in {OWN}. To put them there:\n\
         #     landfall targets export {environment} --format known_hosts >> {OWN}\n\
         # Or have both files written, of which this one then names the other: --format ssh_config --out FOLDER\n\n"
    )
}

/// A line a key: the address as ssh looks it up, then the key.
pub(super) fn known_hosts(hosts: &[(&Target, &HostTarget)]) -> Result<String, Failure> {
    let mut lines: Vec<String> = Vec::new();
    for (target, host) in hosts {
        let address = address(target, &host.address)?;
        let name = match host.port {
            22 => address.to_owned(),
            port => format!("[{address}]:{port}"),
        };
        for key in &host.host_keys {
            let mut words = key.split(' ');
            let (Some(kind), Some(bytes)) = (words.next(), words.next()) else {
                return Err(refused(target, "host key", key));
            };
            let (kind, bytes) = (key_word(target, kind)?, key_word(target, bytes)?);
            let line = format!("{name} {kind} {bytes}\n");
            // Two targets on one host have the same keys.
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    Ok(lines.concat())
}

/// A word that means itself wherever ssh reads it.
pub(super) fn word<'a>(
    target: &Target,
    what: &'static str,
    value: &'a str,
) -> Result<&'a str, Failure> {
    let plain = |c: char| c.is_alphanumeric() || "._-:@+".contains(c);
    if value.is_empty() || value.starts_with('-') || !value.chars().all(plain) {
        return Err(refused(target, what, value));
    }
    Ok(value)
}

/// An address that means itself in ssh's files. That of IPv6 may have a zone, which is an interface of whoever connects.
fn address<'a>(target: &Target, value: &'a str) -> Result<&'a str, Failure> {
    let (address, zone) = value.split_once('%').unwrap_or((value, "0"));
    if zone != "0" && !address.contains(':') {
        return Err(refused(target, "address", value));
    }
    for part in [address, zone] {
        word(target, "address", part).map_err(|_| refused(target, "address", value))?;
    }
    Ok(value)
}

/// A key's type or its base64.
fn key_word<'a>(target: &Target, value: &'a str) -> Result<&'a str, Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-@.+/=".contains(c);
    if value.is_empty() || value.starts_with('@') || !value.chars().all(plain) {
        return Err(refused(target, "host key", value));
    }
    Ok(value)
}

/// A path in double quotes, with `%` doubled because ssh expands it.
pub(super) fn quoted(target: &Target, what: &str, path: &Path) -> Result<String, Failure> {
    match path.to_str() {
        Some(text) if !text.contains(['"', '\\', '$']) && !text.chars().any(char::is_control) => {
            Ok(format!("\"{}\"", text.replace('%', "%%")))
        }
        _ => Err(refused(target, what, &path.to_string_lossy())),
    }
}

/// The failure of a value that ssh would take for something else.
pub(super) fn refused(target: &Target, what: &str, value: &str) -> Failure {
    Failure::new(
        "a value cannot be exported",
        format!(
            "The {what} of `{}` is `{}`, which ssh would read as something else.",
            target.name,
            value.escape_debug()
        ),
    )
    .help("Correct it in the environment file and apply it.")
}
