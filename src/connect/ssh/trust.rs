//! Taking a host's keys into the project's own `known_hosts`, after somebody compared them.

use std::{collections::BTreeMap, io::Write, path::Path, process::Stdio};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use super::connection::check_name;
use crate::model::{Class, Failure};

/// How long `ssh-keyscan` waits for each kind of key, in seconds.
const PATIENCE: &str = "10";

/// The keys that a host offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The keys, in the order of their lines.
    pub keys: Vec<Key>,
    /// Whether every one of them stands in the file already.
    pub known: bool,
}

/// A host key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its kind: `ssh-ed25519` …
    pub kind: String,
    /// What people compare: `SHA256:…`, as ssh prints it.
    pub fingerprint: String,
    /// Its line for `known_hosts`.
    pub line: String,
}

/// Asks a host for its keys, with the system's `ssh-keyscan`. Nothing is written: what comes over the network proves
/// nothing until somebody has compared the fingerprints.
///
/// Fails when the host does not answer, and refuses when it offers another key than the file holds for it.
pub async fn trust(address: &str, port: u16, known_hosts: &Path) -> Result<Offered, Failure> {
    check_name("address", address)?;
    let output = tokio::process::Command::new("ssh-keyscan")
        .args(["-T", PATIENCE, "-p", &port.to_string(), "--", address])
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|error| {
            Failure::new(
                "ssh-keyscan could not be run",
                "It asks a host for its keys.",
            )
            .why(error)
            .help("Install OpenSSH's client programs.")
        })?;
    let name = name(address, port);
    let mut keys: Vec<Key> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| key(&name, line))
        .collect();
    keys.sort_by(|one, other| one.line.cmp(&other.line));
    if keys.is_empty() {
        return Err(Failure::new(
            "the host offers no key",
            format!("Asking {address}, port {port}, for its host keys."),
        )
        .class(Class::Unreachable)
        .why(String::from_utf8_lossy(&output.stderr).trim())
        .help("Is sshd running there, and does a firewall let you in?"));
    }
    let known = known(&name, known_hosts)?;
    refuse_other(&name, &keys, &known, known_hosts)?;
    let all = keys.iter().all(|key| {
        known
            .get(&key.kind)
            .is_some_and(|lines| lines.contains(&key.line))
    });
    Ok(Offered { keys, known: all })
}

/// Writes offered keys into the file, which is replaced in one step; those that stand there already are not written
/// again. Refuses when the file has got another key for the host meanwhile.
pub fn accept(
    address: &str,
    port: u16,
    offered: &Offered,
    known_hosts: &Path,
) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(
            "the file of host keys cannot be written",
            format!("Writing {}.", known_hosts.display()),
        )
        .why(error)
        .left("The file is as it was.")
    };
    let name = name(address, port);
    let known = known(&name, known_hosts)?;
    refuse_other(&name, &offered.keys, &known, known_hosts)?;
    let mut text = text(known_hosts)?;
    for key in &offered.keys {
        if !known
            .get(&key.kind)
            .is_some_and(|lines| lines.contains(&key.line))
        {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&key.line);
            text.push('\n');
        }
    }
    let folder = match known_hosts.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    let mut stage = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    stage
        .write_all(text.as_bytes())
        .and_then(|()| stage.as_file().sync_all())
        .map_err(|error| failed(&error))?;
    stage.persist(known_hosts).map_err(|error| failed(&error))?;
    Ok(())
}

/// What ssh looks a host up by.
fn name(address: &str, port: u16) -> String {
    match port {
        22 => address.to_owned(),
        port => format!("[{address}]:{port}"),
    }
}

/// A line of `ssh-keyscan`: name, kind, key.
fn key(name: &str, line: &str) -> Option<Key> {
    let mut words = line.split_whitespace();
    let (first, kind, key) = (words.next()?, words.next()?, words.next()?);
    if first.starts_with('#') {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(key).ok()?;
    Some(Key {
        kind: kind.to_owned(),
        fingerprint: format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(bytes))),
        line: format!("{name} {kind} {key}"),
    })
}

fn text(path: &Path) -> Result<String, Failure> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| {
            Failure::new(
                "the file of host keys cannot be read",
                format!("Reading {}.", path.display()),
            )
            .why(error)
        }),
    }
}

/// The keys that the file holds for a host, by kind, as lines with this name. Hashed names are for files that
/// others can read; the project's own file names the hosts that its environments name anyway.
fn known(name: &str, path: &Path) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text(path)?.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [names, kind, key, ..] = words[..]
            && names.split(',').any(|one| one == name)
        {
            found
                .entry(kind.to_owned())
                .or_default()
                .push(format!("{name} {kind} {key}"));
        }
    }
    Ok(found)
}

/// Refuses when a key of a kind that is known is another one now.
fn refuse_other(
    name: &str,
    keys: &[Key],
    known: &BTreeMap<String, Vec<String>>,
    path: &Path,
) -> Result<(), Failure> {
    for key in keys {
        if known
            .get(&key.kind)
            .is_some_and(|lines| !lines.contains(&key.line))
        {
            return Err(Failure::new(
                "the host offers another key than the one that is trusted",
                format!("{name} offers the {} key {}.", key.kind, key.fingerprint),
            )
            .class(Class::Refused)
            .why(format!("{} holds another one for it.", path.display()))
            .left("Nothing was written.")
            .help(format!(
                "Either the host was made anew or somebody is between you and it. If you know that it was made \
                 anew, remove the lines of {name} from {} and trust it again.",
                path.display()
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIDDpdbmVM7DhEQP+yFYfgPadH5maqqYLWqrYbCgUGcl0";
    const OTHER: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIDDpdbmVM7DhEQP+yFYfgPadH5maqqYLWqrYbCgUGcl1";

    fn offered(name: &str, text: &str) -> Offered {
        let line = format!("ignored ssh-ed25519 {text}");
        Offered {
            keys: vec![key(name, &line).unwrap()],
            known: false,
        }
    }

    #[test]
    fn a_key_is_written_once_and_another_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("environments/known_hosts");
        std::fs::create_dir(folder.path().join("environments")).unwrap();
        std::fs::write(&path, "# ours\nother ssh-ed25519 AAAA").unwrap();
        for _ in 0..2 {
            accept("web", 22, &offered("web", KEY), &path).unwrap();
            accept("web", 2222, &offered("[web]:2222", OTHER), &path).unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = format!(
            "# ours\nother ssh-ed25519 AAAA\nweb ssh-ed25519 {KEY}\n[web]:2222 ssh-ed25519 {OTHER}\n"
        );
        assert_eq!(text, expected);
        let refused = accept("web", 22, &offered("web", OTHER), &path).unwrap_err();
        assert_eq!(refused.class, Class::Refused);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    }
}
