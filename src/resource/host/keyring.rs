//! The keys that apt trusts a repository by.

use crate::model::host_action::{Access, Download, HostAction};
use crate::model::{Change, Failure, Shown};

use super::arguments::Arguments;

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

/// Adds what fetches the keys.
pub fn fetched(change: Change, path: &str, url: &str, fingerprints: &[String]) -> Change {
    let mut change = change
        .field(path, Shown::Absent, Shown::Value(url.into()))
        .action(HostAction::Download(Download {
            url: url.to_owned(),
            path: path.to_owned(),
            sha256: None,
            fingerprints: fingerprints.to_vec(),
            dearmor: path.ends_with(".gpg"),
            access: Access {
                owner: Some("root".to_owned()),
                group: Some("root".to_owned()),
                mode: Some(0o644),
            },
        }));
    if fingerprints.is_empty() {
        change = change.note(format!(
            "The key from {url} is trusted as it comes: no fingerprint is pinned."
        ));
    }
    change
}
