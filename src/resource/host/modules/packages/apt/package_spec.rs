//! A package as a task of `apt` names it.

use std::collections::BTreeMap;

use crate::model::Failure;

use crate::resource::host::arguments::Arguments;

/// A package, perhaps of one version (which may hold `*`).
pub struct PackageSpec {
    /// Its name.
    pub name: String,
    version: Option<String>,
}

impl PackageSpec {
    /// Reads `name` or `name=version`.
    pub fn read(text: &str, arguments: &Arguments<'_>) -> Result<Self, Failure> {
        let (name, version) = match text.split_once('=') {
            Some((name, version)) => (name, Some(version.to_owned())),
            None => (text, None),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "+-.:_".contains(c);
        if name.is_empty() || name.starts_with('-') || !name.chars().all(plain) {
            return Err(arguments
                .wrong(format!("`{text}` is not a package's name"))
                .help("Write `name` or `name=version`; patterns and files are not taken."));
        }
        Ok(Self {
            name: name.to_owned(),
            version,
        })
    }

    /// The version that is installed.
    pub fn installed<'a>(&self, packages: &'a BTreeMap<String, String>) -> Option<&'a String> {
        packages.get(&self.name)
    }

    /// Whether it is installed in the version that is asked for.
    pub fn holds(&self, packages: &BTreeMap<String, String>) -> bool {
        match (self.installed(packages), &self.version) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(version), Some(pattern)) => matches(pattern, version),
        }
    }

    /// As apt takes it.
    pub fn word(&self) -> String {
        match &self.version {
            Some(version) => format!("{}={version}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Whether a text matches a pattern with `*` for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            rest.char_indices()
                .map(|(at, _)| at)
                .chain([rest.len()])
                .any(|at| matches(tail, &rest[at..]))
        }),
    }
}
