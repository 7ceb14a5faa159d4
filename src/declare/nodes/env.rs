//! The dotenv files of an environment, laid over each other.

use super::{Draft, files};
use crate::declare::{dotenv, secrecy};
use crate::model::{Secret, Source, Value};

/// The layer of secrets that belongs to one machine; it is left out of version control, so it may be absent.
const LOCAL: &str = ".env.local";

/// A line of a key has more characters than this; shorter ones may be words.
const LINE: usize = 16;

/// Reads the dotenv files in their order; a later one wins. Mistakes are noted where they stand.
pub fn layers(draft: &mut Draft<'_>) {
    let Some(secrets) = &draft.environment.secrets else {
        return;
    };
    for (position, file) in secrets.env.iter().enumerate() {
        let position = position.to_string();
        let path = ["secrets", "env", &position];
        let resolved = files::resolve(draft.given.root, file);
        let local = file.rsplit('/').next() == Some(LOCAL);
        if local && !std::path::Path::new(&resolved).exists() {
            continue;
        }
        let Some(opened) = files::readable(draft, file, &path) else {
            continue;
        };
        match std::fs::read_to_string(opened) {
            Ok(text) => {
                let source = Source::new(file.as_str(), text);
                match dotenv::read(&source) {
                    Ok(pairs) => {
                        let whole = local || file.contains("secret");
                        for (name, value) in pairs {
                            hide(draft, whole, &name, &value);
                            draft.env.insert(name, Value::from(value));
                        }
                    }
                    Err(mut mistakes) => draft.found.append(&mut mistakes),
                }
            }
            Err(error) => draft.error("a file cannot be read", files::reason(&error), &path, ""),
        }
    }
}

/// Notes what of a value must never be shown: all of it where its name, its shape or its file says so, and by
/// themselves the password in an address and the lines of a key.
fn hide(draft: &mut Draft<'_>, whole: bool, name: &str, value: &str) {
    let password = secrecy::password(value);
    // A short or common value of a secret file (`5432`, `true`) would take ordinary words out of every message, so
    // that only what somebody could not guess in a handful of tries counts.
    let least = match (secrecy::is_secret(name) || password.is_some(), whole) {
        (true, _) => 4,
        (false, true) => 8,
        (false, false) => return,
    };
    let common = ["true", "false", "none", "null"];
    let mut parts = vec![value];
    parts.extend(password);
    if value.contains('\n') {
        let lines = value.lines().filter(|line| line.len() >= LINE);
        parts.extend(lines.filter(|line| !line.starts_with("-----")));
    }
    for part in parts {
        let secret = part.chars().count() >= least;
        if secret && !common.contains(&part.to_ascii_lowercase().as_str()) {
            draft.secrets.push(Secret::new(part.to_owned()));
        }
    }
}
