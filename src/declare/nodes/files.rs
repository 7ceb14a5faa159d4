//! Paths that an environment names: relative ones start from the project's root, `~/` is the operator's home.

use std::path::{Path, PathBuf};

use super::{draft::Draft, filled};
use crate::reading;

/// The path as the program will open it. One that begins with `{{` stays as it is: once it is rendered it is whole, or
/// starts from the project's root.
pub fn resolve(root: &Path, text: &str) -> String {
    if text.starts_with("{{") {
        return text.to_owned();
    }
    let path = match (text.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => root.join(text),
    };
    path.to_string_lossy().into_owned()
}

/// The path as a run will open it, where that can be known before anything is made.
pub fn filled_in(draft: &Draft<'_>, text: &str) -> Option<PathBuf> {
    let path = resolve(draft.given.root, text);
    if path.contains("{{") {
        Some(draft.given.root.join(filled::filled_in(draft, &path)?.text))
    } else {
        Some(PathBuf::from(path))
    }
}

/// The path of a file that must be there and be readable; a mistake is noted when it is not.
pub fn readable(draft: &mut Draft<'_>, text: &str, path: &[&str]) -> Option<PathBuf> {
    let file = filled_in(draft, text)?;
    match reading::check(&file) {
        Ok(()) => Some(file),
        Err(error) if error.kind() == std::io::ErrorKind::IsADirectory => {
            let label = format!("`{text}` is a folder");
            draft.error("a file cannot be read", label, path, "");
            None
        }
        Err(error) => {
            draft.error(
                "a file cannot be read",
                reason(&error),
                path,
                "the path starts from the folder that `environments/` stands in",
            );
            None
        }
    }
}

/// The operating system's word, without its number.
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        _ => error.to_string(),
    }
}
