//! The dotenv files of an environment, laid over each other.

use super::{Draft, files};
use crate::declare::{dotenv, template::is_secret};
use crate::model::{Secret, Source, Value};

/// The layer that belongs to one machine; it is left out of version control, so it may be absent.
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
            continue;
        };
        match std::fs::read_to_string(opened) {
            Ok(text) => {
                let source = Source::new(file.as_str(), text);
                match dotenv::read(&source) {
                    Ok(pairs) => {
                        let whole = file.contains("secret");
                        for (name, value) in pairs {
                            if is_secret_value(whole, &name, &value) {
                                draft.secrets.push(Secret::new(value.clone()));
                            }
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

/// Whether a value must never be shown: its name says so, or its file does.
///
/// A short value of another name (`5432`, `true`) would take ordinary words out of every message, so in a secret file
/// only those count that somebody could not guess in a handful of tries.
fn is_secret_value(secret_file: bool, name: &str, value: &str) -> bool {
    let least = if is_secret(name) { 4 } else { 8 };
    (secret_file || is_secret(name)) && value.chars().count() >= least
}
