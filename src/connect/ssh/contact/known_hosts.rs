//! A file of host keys (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"), read and changed a line at a time: whatever is not
//! about the host in question stays as it is, byte for byte.

use std::{io::Write, path::Path};

use super::known_names::{covers, without};
use crate::model::Failure;
use crate::reading;

/// What marks the lines of keys that are never to be taken.
const REVOKED: &str = "@revoked";

/// What marks the lines of keys that vouch for others.
const AUTHORITY: &str = "@cert-authority";

/// The lines of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHosts {
    lines: Vec<Vec<u8>>,
}

/// A line that says something of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    mark: Option<String>,
    names: String,
    kind: String,
    key: String,
}

/// What a file says of a key for a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is trusted.
    Known,
    /// No key of its kind is trusted.
    New,
    /// Another key of its kind is trusted.
    Other,
    /// It is never to be trusted.
    Revoked,
}

impl KnownHosts {
    /// Reads a file; one that is not there is empty.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = match reading::bytes(path, reading::WRITTEN) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(|error| {
                Failure::new(
                    "the file of host keys cannot be read",
                    format!("Reading {}.", path.display()),
                )
                .why(error)
            })?,
        };
        Ok(Self::parse(&bytes))
    }

    fn parse(bytes: &[u8]) -> Self {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        Self {
            lines: lines.map(<[u8]>::to_vec).collect(),
        }
    }

    /// What it says of this key for this name.
    pub fn standing(&self, name: &str, kind: &str, key: &str) -> Standing {
        let entries = self.about(name);
        let is_key = |entry: &&Entry| entry.kind == kind && entry.key == key;
        if entries.iter().filter(is_key).any(|e| e.has_mark(REVOKED)) {
            return Standing::Revoked;
        }
        let mut plain = entries.iter().filter(|entry| entry.mark.is_none());
        if plain.clone().any(|entry| is_key(&entry)) {
            Standing::Known
        } else if plain.any(|entry| entry.kind == kind) {
            Standing::Other
        } else {
            Standing::New
        }
    }

    /// The kinds of the keys that are trusted for this name.
    pub fn kinds(&self, name: &str) -> Vec<String> {
        let entries = self.about(name).into_iter();
        let plain = entries.filter(|entry| entry.mark.is_none());
        plain.map(|entry| entry.kind).collect()
    }

    /// Whether there is an authority that may vouch for this name.
    pub fn has_authority(&self, name: &str) -> bool {
        self.about(name)
            .iter()
            .any(|entry| entry.has_mark(AUTHORITY))
    }

    /// Trusts a key for this name: a line at the end. With `only` no other key is trusted for it any more; the line
    /// stands where the first of them stood. Names that share a line with it keep theirs, and so do marked lines.
    pub fn trust(&mut self, name: &str, line: &str, only: bool) {
        let new = [line, "\n"].concat().into_bytes();
        let mut place = None;
        if only {
            let mut kept = Vec::new();
            for old in std::mem::take(&mut self.lines) {
                let plain = entry(&old).filter(|entry| entry.mark.is_none());
                let Some(entry) = plain.filter(|entry| covers(&entry.names, name)) else {
                    kept.push(old);
                    continue;
                };
                place.get_or_insert(kept.len());
                if let Some(names) = without(&entry.names, name) {
                    kept.push(renamed(&old, &names));
                }
            }
            self.lines = kept;
        }
        if let Some(last) = self.lines.last_mut()
            && !last.ends_with(b"\n")
        {
            last.push(b'\n');
        }
        let place = place.unwrap_or(self.lines.len());
        self.lines.insert(place, new);
    }

    /// Writes the file in one step, with the access that it had.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(
                "the file of host keys cannot be written",
                format!("Writing {}.", path.display()),
            )
            .why(error)
            .left_behind("The file is as it was.")
        };
        // A link to a file that several projects share stays one.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        let access = std::fs::metadata(&path).map(|data| data.permissions());
        let mut stage = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
        if let Ok(access) = access {
            stage
                .as_file()
                .set_permissions(access)
                .map_err(|error| failed(&error))?;
        }
        stage
            .write_all(&self.lines.concat())
            .and_then(|()| stage.as_file().sync_all())
            .map_err(|error| failed(&error))?;
        stage.persist(&path).map_err(|error| failed(&error))?;
        Ok(())
    }

    fn about(&self, name: &str) -> Vec<Entry> {
        let entries = self.lines.iter().filter_map(|line| entry(line));
        entries.filter(|entry| covers(&entry.names, name)).collect()
    }
}

impl Entry {
    fn has_mark(&self, mark: &str) -> bool {
        self.mark.as_deref() == Some(mark)
    }
}

fn entry(line: &[u8]) -> Option<Entry> {
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_ascii_whitespace().map(str::to_owned).peekable();
    if words.peek()?.starts_with('#') {
        return None;
    }
    Some(Entry {
        mark: words.next_if(|word| word.starts_with('@')),
        names: words.next()?,
        kind: words.next()?,
        key: words.next()?,
    })
}

/// The line with other names; its spaces, its comment and its end stay.
fn renamed(line: &[u8], names: &str) -> Vec<u8> {
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let start = line.iter().position(|byte| !blank(byte)).unwrap_or(0);
    let end = line[start..]
        .iter()
        .position(blank)
        .map_or(line.len(), |length| start + length);
    [&line[..start], names.as_bytes(), &line[end..]].concat()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const ONE: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIDDpdbmVM7DhEQP+yFYfgPadH5maqqYLWqrYbCgUGcl0";
    const TWO: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIDDpdbmVM7DhEQP+yFYfgPadH5maqqYLWqrYbCgUGcl1";
    const KIND: &str = "ssh-ed25519";

    fn file(names: &[&str]) -> KnownHosts {
        let lines: Vec<String> = names
            .iter()
            .map(|names| format!("{names} {KIND} {ONE} mine\n"))
            .collect();
        KnownHosts::parse(lines.concat().as_bytes())
    }

    fn text(file: &KnownHosts) -> String {
        String::from_utf8(file.lines.concat()).unwrap()
    }

    #[test]
    fn names_that_ssh_keygen_has_hashed_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known_hosts");
        std::fs::write(&path, text(&file(&["web", "[web]:2222"]))).unwrap();
        let hashed = Command::new("ssh-keygen")
            .arg("-H")
            .arg("-f")
            .arg(&path)
            .output();
        assert!(hashed.unwrap().status.success());
        let mut hashed = KnownHosts::read(&path).unwrap();
        assert!(text(&hashed).starts_with("|1|"));
        for name in ["web", "[web]:2222"] {
            assert_eq!(hashed.standing(name, KIND, ONE), Standing::Known);
            assert_eq!(hashed.standing(name, KIND, TWO), Standing::Other);
        }
        assert_eq!(hashed.standing("db", KIND, ONE), Standing::New);
        hashed.trust("web", &format!("web {KIND} {TWO}"), true);
        assert_eq!(hashed.standing("web", KIND, ONE), Standing::Other);
        assert_eq!(hashed.standing("web", KIND, TWO), Standing::Known);
        assert_eq!(hashed.standing("[web]:2222", KIND, ONE), Standing::Known);
    }

    #[test]
    fn marked_lines_revoke_and_vouch() {
        let file = file(&["@revoked *", "@cert-authority *.example.org", "web"]);
        assert_eq!(file.standing("web", KIND, ONE), Standing::Revoked);
        assert_eq!(file.standing("db", KIND, TWO), Standing::New);
        assert!(file.has_authority("web.example.org") && !file.has_authority("web"));
    }

    #[test]
    fn what_is_not_about_the_host_stays_as_it_is() {
        let other =
            format!("\n# caf\u{e9}\n  db  {KIND} {ONE}  a comment\r\n@revoked web {KIND} {ONE}\n");
        let mut file = KnownHosts::parse(other.as_bytes());
        file.lines.push(b"x \xff".to_vec());
        let before = file.lines.concat();
        file.trust("web", &format!("web {KIND} {TWO}"), false);
        let after = [&before, format!("\nweb {KIND} {TWO}\n").as_bytes()].concat();
        assert_eq!(file.lines.concat(), after);
    }

    #[test]
    fn a_key_takes_the_place_of_all_that_were_trusted_for_its_host() {
        let mut file = file(&[
            "# first\ndb",
            "web,192.0.2.1",
            "web",
            "@revoked web",
            "*.org,web",
            "w*",
        ]);
        file.trust("web", &format!("web {KIND} {TWO}"), true);
        let rest = format!("{KIND} {ONE} mine");
        let expected = [
            "# first".to_owned(),
            format!("db {rest}"),
            format!("web {KIND} {TWO}"),
            format!("192.0.2.1 {rest}"),
            format!("@revoked web {rest}"),
            format!("*.org {rest}"),
            format!("w*,!web {rest}"),
        ];
        assert_eq!(text(&file), [&expected.join("\n"), "\n"].concat());
        assert_eq!(file.standing("web", KIND, TWO), Standing::Known);
        assert_eq!(file.standing("web", KIND, ONE), Standing::Revoked);
    }
}
