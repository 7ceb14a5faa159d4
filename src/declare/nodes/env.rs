//! The dotenv files of an environment, laid over each other.

use super::{Draft, files};
use crate::declare::dotenv;
use crate::model::{Source, Value};

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
                        for (name, value) in pairs {
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
