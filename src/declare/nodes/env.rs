//! The dotenv files of an environment, laid over each other.

use super::{draft::Draft, files};
use crate::declare::{dotenv, secrecy};
use crate::model::secrecy::is_common;
use crate::model::{Secret, Source, Value};
use crate::reading;
use crate::vars::Secrecy;

/// The layer of secrets that belongs to one machine; it is left out of version control, so it may be absent.
const LOCAL: &str = ".env.local";

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
            draft.env_unread = true;
            continue;
        };
        match reading::text(&opened, reading::WRITTEN) {
            Ok(text) => {
                let source = Source::new(file.as_str(), text);
                match dotenv::read(&source) {
                    Ok(read) => {
                        draft.found.extend(read.unexpanded);
                        let whole = local || file.contains("secret");
                        for (name, value) in read.pairs {
                            hide(draft, whole, &name, &value);
                            draft.env.insert(name, Value::from(value));
                        }
                    }
                    Err(mut mistakes) => {
                        draft.env_unread = true;
                        draft.found.append(&mut mistakes);
                    }
                }
            }
            Err(error) => {
                draft.env_unread = true;
                draft.error("a file cannot be read", files::reason(&error), &path, "");
            }
        }
    }
}

/// Notes what of a value must never be shown: all of it where its name, its shape or its file says so, and by itself the
/// password in an address.
fn hide(draft: &mut Draft<'_>, whole: bool, name: &str, value: &str) {
    let password = secrecy::password(value);
    // A short or common value of a secret file (`5432`, `true`) would take ordinary words out of every message, so
    // that only what somebody could not guess in a handful of tries is looked for in texts.
    let least = match (secrecy::is_secret(name) || password.is_some(), whole) {
        (true, _) => 4,
        (false, true) => 8,
        (false, false) => {
            draft.secret.remove(name);
            return;
        }
    };
    // What it is used in is hidden however short it is.
    if !is_common(value) {
        draft.secret.insert(name.to_owned(), Secrecy::Secret);
    }
    for part in [Some(value), password].into_iter().flatten() {
        if part.chars().count() >= least && !is_common(part) {
            draft.secrets.push(Secret::new(part.to_owned()));
        }
    }
}
