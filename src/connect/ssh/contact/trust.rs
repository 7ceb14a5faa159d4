//! Taking a host's key into the project's own `known_hosts`, after somebody compared it.

use std::path::{Path, PathBuf};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use sha2::{Digest, Sha256};

use super::{
    handshake::Destination,
    known_hosts::{KnownHosts, Standing},
};
use crate::connect::ssh::advice::trust_command;
use crate::model::{Class, Failure};

/// The first contact with a host. Its keys come one at a time, a connection each, because most often the first is the
/// one that is compared, and sshd holds off who connects often without logging in.
#[derive(Debug)]
pub struct Contact {
    destination: Destination,
    file: PathBuf,
    /// The kinds of the keys that were seen.
    seen: Vec<String>,
    /// Whether one of them is another key than the file has.
    moved: bool,
}

/// A key that a host has shown to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its kind: `ssh-ed25519` …
    pub kind: String,
    /// What people compare: `SHA256:…`, as ssh prints it.
    pub fingerprint: String,
    /// What the file says of it.
    pub standing: Standing,
    name: String,
    line: String,
}

impl Contact {
    /// Looks up how ssh reaches the host; nothing is sent. `known_hosts` need not be there.
    pub async fn find(address: &str, port: u16, known_hosts: &Path) -> Result<Self, Failure> {
        Ok(Self {
            destination: Destination::find(address, port).await?,
            file: known_hosts.to_owned(),
            seen: Vec::new(),
            moved: false,
        })
    }

    /// Whether the host has a certificate from an authority that the file names, so that its own key need not be known.
    pub async fn has_certificate(&self) -> Result<bool, Failure> {
        let known = KnownHosts::read(&self.file)?;
        Ok(known.has_authority(&self.destination.name)
            && self.destination.vouched(&self.file).await?)
    }

    /// The next key that the host holds, of a kind that was not seen yet; kinds that are trusted come first. None when
    /// there is no more.
    ///
    /// A handshake with it has come about: a host that knows only a key's public half is refused, and so is one with a key
    /// that the file revokes. Nothing is written.
    pub async fn key(&mut self) -> Result<Option<Key>, Failure> {
        let known = KnownHosts::read(&self.file)?;
        let trusted = known.kinds(&self.destination.name);
        let mut algorithms: Vec<String> = self.destination.algorithms.clone();
        algorithms.retain(|algorithm| !self.seen.iter().any(|kind| kind == kind_of(algorithm)));
        algorithms.sort_by_key(|algorithm| !trusted.iter().any(|kind| kind == kind_of(algorithm)));
        if algorithms.is_empty() {
            return Ok(None);
        }
        let Some(line) = self.destination.key(&algorithms).await? else {
            return Ok(None);
        };
        let key = self.read(&line, &known)?;
        if self.seen.contains(&key.kind) {
            return Err(Failure::bug("ssh took a host key that it was not to take"));
        }
        self.seen.push(key.kind.clone());
        match key.standing {
            Standing::Revoked => return Err(self.revoked(&key)),
            Standing::Other => self.moved = true,
            Standing::New | Standing::Known => {}
        }
        Ok(Some(key))
    }

    /// Refuses when the host holds another key than the file has, which only `replace` may change.
    pub fn refuse_other(&self, key: &Key, replace: bool) -> Result<(), Failure> {
        if !self.moved || replace {
            return Ok(());
        }
        Err(Failure::new(
            "the host holds another key than the one that is trusted",
            format!("{} has the {} key {}.", key.name, key.kind, key.fingerprint),
        )
        .class(Class::Refused)
        .why(format!("{} has another one for it.", self.file.display()))
        .left_behind("Nothing was written.")
        .help(format!(
            "Either the host was made anew or somebody is between you and it. If you know that it was made anew, \
             compare the new key: `{} --replace`",
            trust_command(&self.destination.address, self.destination.port)
        )))
    }

    /// Writes this key into the file, which is replaced in one step, and no other; with `replace` the keys that were
    /// trusted for the host go. A key that is there is not written again.
    ///
    /// Refuses what [`Contact::refuse_other`] does, also when the file has changed meanwhile.
    pub fn trust(&mut self, key: &Key, replace: bool) -> Result<(), Failure> {
        let mut known = KnownHosts::read(&self.file)?;
        match self.read(&key.line, &known)?.standing {
            Standing::Revoked => return Err(self.revoked(key)),
            Standing::Other => self.moved = true,
            Standing::Known if !self.moved => return Ok(()),
            Standing::New | Standing::Known => {}
        }
        self.refuse_other(key, replace)?;
        known.trust(&key.name, &key.line, replace);
        known.write(&self.file)
    }

    /// A line as ssh writes it: name, kind, key.
    fn read(&self, line: &str, known: &KnownHosts) -> Result<Key, Failure> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let bytes = words.get(2).and_then(|key| STANDARD.decode(key).ok());
        let ([name, kind, key], Some(bytes)) = (&words[..], bytes) else {
            return Err(Failure::bug(
                "ssh wrote a line of another shape than host keys have",
            ));
        };
        Ok(Key {
            kind: (*kind).to_owned(),
            fingerprint: format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(bytes))),
            standing: known.standing(name, kind, key),
            name: (*name).to_owned(),
            line: words.join(" "),
        })
    }

    fn revoked(&self, key: &Key) -> Failure {
        Failure::new(
            "the host's key is revoked",
            format!("{} has the {} key {}.", key.name, key.kind, key.fingerprint),
        )
        .class(Class::Refused)
        .why(format!(
            "A line of {} says that this key is never to be trusted.",
            self.file.display()
        ))
        .left_behind("Nothing was written.")
        .help("Make new keys on the host, or take the line out if it is wrong.")
    }
}

/// Of each of these addresses and ports, whether the file trusts a key, or an authority that may vouch for one. Nothing
/// is asked, and the file need not be there.
pub fn knows<'a>(
    known_hosts: &Path,
    hosts: impl Iterator<Item = (&'a str, u16)>,
) -> Result<Vec<bool>, Failure> {
    let known = KnownHosts::read(known_hosts)?;
    let knows = |(address, port): (&str, u16)| {
        let name = match port {
            22 => address.to_owned(),
            port => format!("[{address}]:{port}"),
        };
        !known.kinds(&name).is_empty() || known.has_authority(&name)
    };
    Ok(hosts.map(knows).collect())
}

/// The kind of the keys that an algorithm signs with (RFC 8332 gives those of RSA several).
fn kind_of(algorithm: &str) -> &str {
    match algorithm {
        "rsa-sha2-256" | "rsa-sha2-512" => "ssh-rsa",
        other => other,
    }
}
