//! What a user's files hold that nobody may be shown: told by its name, or by its own shape.

use std::ops::Range;

use super::document::{Text, Tree};
pub use crate::model::secrecy::{is_secret, password};
use crate::model::{Diagnostic, Source};

/// Whether this is a value itself: no template, and no path to the file that has it.
pub fn is_literal(text: &str) -> bool {
    !text.is_empty() && !text.contains("{{") && !text.starts_with(['/', '~'])
}

/// Where an environment has secrets in clear text.
pub fn literals(tree: &Tree) -> Vec<Range<usize>> {
    let secret = |text: &Text<'_>| {
        let key = text.path.iter().rev().find(|key| !key.is_empty());
        let named = key.is_some_and(|key| is_secret(key)) && !names_a_key(text);
        !text.text.contains("{{") && (named || password(text.text).is_some())
    };
    tree.texts()
        .into_iter()
        .filter(secret)
        .map(|text| text.range)
        .collect()
}

/// Whether it is where a target names its key pair, or a certificate the file of its key; unless somebody wrote the key
/// itself there.
fn names_a_key(text: &Text<'_>) -> bool {
    matches!(text.path[..], ["targets" | "certificates", _, "key"]) && !text.text.contains('\n')
}

/// A line of more bytes is not searched for names, which takes the square of its length: all of it is a secret.
const LONG: usize = 4096;

/// The same of a file that cannot be read as TOML: all that stands behind a secret's name in its line.
pub fn lines(source: &Source) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        if line.len() > LONG {
            let at = line.find('=').unwrap_or_default();
            found.push(start + at..start + line.trim_end().len());
            start += line.len();
            continue;
        }
        let secret = line.match_indices('=').find(|(at, _)| {
            let name = line[..*at].trim_end().trim_end_matches(['"', '\'']);
            let from = name.rfind([' ', '\t', '{', ',', '"', '\'', '.']);
            let name = &name[from.map_or(0, |from| from + 1)..];
            is_secret(name) || password(&line[at + 1..]).is_some()
        });
        if let Some((at, _)) = secret {
            found.push(start + at + 1..start + line.trim_end().len());
        }
        start += line.len();
    }
    found
}

/// Stars these stretches of a file out of every message about it, whatever else of their lines it is about.
pub fn hide(found: &mut [Diagnostic], source: &Source, secrets: &[Range<usize>]) {
    let shown = source.masked(secrets);
    for one in found {
        if one.span.source.name == source.name {
            one.span.source = shown.clone();
        }
    }
}
