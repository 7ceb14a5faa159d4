//! The names that a line of host keys is about (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// Whether a line with these names is about this one: a hash of it, or patterns with `*` and `?`, of which `!` takes one
/// out again.
pub fn covers(names: &str, name: &str) -> bool {
    if names.starts_with('|') {
        return is_hash(names, name).unwrap_or(false);
    }
    let mut covered = false;
    for pattern in names.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if fits(pattern, name) => return false,
            Some(_) => {}
            None => covered |= fits(pattern, name),
        }
    }
    covered
}

/// `|1|SALT|HASH`: HMAC-SHA1 of the name with the salt for its key.
fn is_hash(hashed: &str, name: &str) -> Option<bool> {
    let (salt, hash) = hashed.strip_prefix("|1|")?.split_once('|')?;
    let salt = STANDARD.decode(salt).ok()?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    mac.update(name.to_ascii_lowercase().as_bytes());
    Some(mac.verify_slice(&STANDARD.decode(hash).ok()?).is_ok())
}

fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_ascii_lowercase(), name.to_ascii_lowercase());
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    // Where the last `*` stood, and how much of the name it has taken so far: no other one need be tried again.
    let (mut at, mut read, mut star) = (0, 0, None);
    while read < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(letter) if *letter == b'?' || *letter == name[read] => {
                at += 1;
                read += 1;
            }
            _ => match &mut star {
                Some((stood, taken)) => {
                    *taken += 1;
                    (at, read) = (*stood + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

/// The names of a line without this one; none when it has no other. A pattern that covers it goes on for the others.
pub fn without(names: &str, name: &str) -> Option<String> {
    if names.starts_with('|') {
        return None;
    }
    let mut remaining: Vec<String> = names
        .split(',')
        .filter(|pattern| !pattern.eq_ignore_ascii_case(name))
        .map(str::to_owned)
        .collect();
    if remaining.iter().all(|pattern| pattern.starts_with('!')) {
        return None;
    }
    if covers(&remaining.join(","), name) {
        remaining.push(format!("!{name}"));
    }
    Some(remaining.join(","))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDDpdbmVM7DhEQP+yFYfgPadH5maqqYLWqrYbCgUGcl0";

    /// Whether `ssh-keygen` finds the name in a file of this text.
    fn found(text: &str, name: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known_hosts");
        std::fs::write(&path, text).unwrap();
        let found = Command::new("ssh-keygen")
            .args(["-F", name, "-f"])
            .arg(path)
            .output();
        !found.unwrap().stdout.is_empty()
    }

    #[test]
    fn a_line_is_about_the_names_that_ssh_keygen_finds_it_by() {
        let patterns = [
            "web",
            "WEB.example.org",
            "web.example.org,192.0.2.1",
            "*.example.org",
            "*.example.org,!web.example.org",
            "w?b",
            "*a*b*c*",
            "[web]:2222",
            "[*]:2222",
            "*",
        ];
        let names = [
            "web",
            "web.example.org",
            "192.0.2.1",
            "db.example.org",
            "[web]:2222",
            "xaxbbxcx",
            "abcd",
        ];
        for pattern in patterns {
            let text = format!("{pattern} {KEY}\n");
            for name in names {
                assert_eq!(
                    covers(pattern, name),
                    found(&text, name),
                    "{pattern} {name}"
                );
            }
        }
    }
}
