//! The raw texts from which facts are read.

use std::collections::BTreeMap;

/// The host's raw texts by name.
pub struct Raw<'a>(pub BTreeMap<&'a str, &'a str>);

impl<'a> Raw<'a> {
    /// A text without white space around it; empty where the host had nothing to say.
    pub fn text(&self, name: &str) -> &'a str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// The lines of a text.
    pub fn lines(&self, name: &str) -> std::str::Lines<'a> {
        self.text(name).lines()
    }

    /// A text that is one number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.text(name).parse().ok()
    }
}
