//! The keys that apt trusts a repository by.

use crate::model::host::Stat;
use crate::model::host_action::{Access, Download, HostAction, Keys, shown_url};
use crate::model::openpgp::{self, Form};
use crate::model::{Change, Content, Failure, Probe, Shown};

use super::arguments::Arguments;
use super::ask;

/// Reads primary fingerprints: 40 hexadecimal digits (64 for newer keys), blanks between them allowed.
pub fn fingerprints(
    arguments: &Arguments<'_>,
    names: &[&'static str],
) -> Result<Vec<String>, Failure> {
    let written = arguments.list(names)?.unwrap_or_default();
    written
        .iter()
        .map(|text| {
            let digits: String = text.split_whitespace().collect();
            let digits = digits.trim_start_matches("0x").to_ascii_uppercase();
            let whole = matches!(digits.len(), 40 | 64);
            if whole && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Ok(digits);
            }
            Err(arguments
                .wrong(format!("`{}`: {text} is not a whole fingerprint", names[0]))
                .help("A fingerprint has 40 hexadecimal digits; the short forms can be forged."))
        })
        .collect()
}

/// What is at a key's place.
pub struct KeyringSeen {
    /// What it is.
    pub stat: Option<Stat>,
    content: Option<Content>,
}

/// Keys from a URL, and the file they are kept in.
pub struct Keyring {
    /// Where from.
    pub url: String,
    /// The file: binary keys where it ends in `.gpg`, armoured ones elsewhere.
    pub path: String,
    /// The primary fingerprints they must have; empty for no check.
    pub fingerprints: Vec<String>,
}

impl Keyring {
    /// Asks what is there; with pinned fingerprints, what it holds as well.
    pub async fn observe(&self, world: &dyn Probe) -> Result<KeyringSeen, Failure> {
        let content = async {
            if self.fingerprints.is_empty() {
                Ok(None)
            } else {
                ask::read(world, &self.path).await
            }
        };
        let (stat, content) = futures::try_join!(ask::stat(world, &self.path, true), content)?;
        Ok(KeyringSeen { stat, content })
    }

    /// Whether the file is there and, with pinned fingerprints, holds exactly their keys.
    pub fn holds(&self, seen: &KeyringSeen) -> bool {
        let pinned = |content: &Content| {
            openpgp::holds(content.bytes(), Form::of(&self.path), &self.fingerprints)
        };
        seen.stat.is_some()
            && (self.fingerprints.is_empty() || seen.content.as_ref().is_some_and(pinned))
    }

    /// Adds what fetches the keys.
    pub fn fetched(&self, change: Change, seen: &KeyringSeen) -> Change {
        let before = match &seen.stat {
            None => Shown::Absent,
            Some(_) => Shown::Value("other keys".into()),
        };
        let mut change = change
            .field(
                &self.path,
                before,
                Shown::Value(shown_url(&self.url).into()),
            )
            .action(HostAction::Download(Download {
                url: self.url.clone(),
                path: self.path.clone(),
                sha256: None,
                keys: Some(Keys {
                    fingerprints: self.fingerprints.clone(),
                    form: Form::of(&self.path),
                }),
                access: Access {
                    owner: Some("root".to_owned()),
                    group: Some("root".to_owned()),
                    mode: Some(0o644),
                },
            }));
        if self.fingerprints.is_empty() {
            change = change.note(format!(
                "The key from {} is trusted as it comes: no fingerprint is pinned.",
                shown_url(&self.url)
            ));
        }
        if seen.stat.is_some() {
            change = change.note(format!(
                "{} does not hold the pinned keys and no others. If this comes back, one of them is not published: \
                 take it off the list.",
                self.path
            ));
        }
        change
    }
}
