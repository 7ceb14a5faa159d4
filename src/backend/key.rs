//! The names under which things are kept.

use std::fmt;

use crate::model::Failure;

/// A path of plain names, `review/targets/web.json`: the same in a folder and in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// File systems allow 255 bytes a name; the rest is for what a store appends while it writes.
const LONGEST: usize = 200;

impl Key {
    /// The key of these names. Refuses a name that is empty, long, hidden or holds anything but letters, digits,
    /// `.`, `-` and `_`: it would mean something else to a folder than to a bucket.
    pub fn new(names: &[&str]) -> Result<Self, Failure> {
        for name in names {
            let plain = name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
            if name.is_empty() || name.len() > LONGEST || name.starts_with('.') || !plain {
                return Err(Failure::new(
                    "a name cannot be kept",
                    format!("`{}` was to be the name of a record.", name.escape_debug()),
                )
                .help(format!(
                    "Use letters, digits, `.`, `-` and `_`, not beginning with `.`, {LONGEST} of them at the most."
                )));
            }
        }
        Ok(Self(names.join("/")))
    }

    /// The key one level below. Refuses what [`Key::new`] refuses.
    pub fn below(&self, name: &str) -> Result<Self, Failure> {
        let Key(below) = Self::new(&[name])?;
        Ok(Self(format!("{}/{below}", self.0)))
    }

    /// The key that a store listed; none when it is not one of ours.
    pub fn listed(text: &str) -> Option<Self> {
        Self::new(&text.split('/').collect::<Vec<_>>()).ok()
    }

    /// Its last name.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The whole path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_leave_the_folder_is_refused() {
        let long = "a".repeat(201);
        for name in [
            "", ".", "..", "../x", "a/b", "a\\b", "a\0", ".env", "é", "a b", &long,
        ] {
            assert!(Key::new(&["review", name]).is_err(), "{name:?}");
        }
        assert_eq!(
            Key::new(&["review", "targets", "web-1.json"])
                .unwrap()
                .as_str(),
            "review/targets/web-1.json"
        );
        assert_eq!(Key::listed("review/../x"), None);
    }
}
