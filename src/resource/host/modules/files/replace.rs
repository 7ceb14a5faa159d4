//! `replace`: every match of a pattern in a file.

use async_trait::async_trait;
use fancy_regex::Regex;
use serde_json::json;

use crate::model::{Change, Failure, Probe, escaped};
use crate::resource::Resource;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::managed_file::FileSeen;
use crate::resource::host::python_regex::{self, expand};
use crate::resource::host::text_file::{TextFile, edit_arguments};

/// The arguments of `replace`.
pub const ARGUMENTS: &[&str] = edit_arguments!["regexp", "replace", "after", "before"];

/// Every match of a pattern and what it becomes.
pub struct Replace {
    file: TextFile,
    regex: Regex,
    /// Around the part that is looked at.
    section: Option<Regex>,
    new: String,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<Replace, Failure> {
    // Here `^` and `$` are the edges of each line, and in the section a dot is any character.
    let regexp = arguments.need(&["regexp"])?;
    let after = arguments.text(&["after"])?;
    let before = arguments.text(&["before"])?;
    let section = match (after, before) {
        (Some(after), Some(before)) => Some(format!("(?s){after}(?P<section>.*?){before}")),
        (Some(after), None) => Some(format!("(?s){after}(?P<section>.*)")),
        (None, Some(before)) => Some(format!("(?s)(?P<section>.*){before}")),
        (None, None) => None,
    };
    Ok(Replace {
        file: TextFile::read(arguments, context, false)?,
        regex: python_regex::read(arguments, "regexp", &format!("(?m){regexp}"))?,
        section: section
            .map(|section| python_regex::read(arguments, "after", &section))
            .transpose()?,
        new: escaped::text(arguments.text(&["replace"])?.unwrap_or_default().as_bytes()),
    })
}

#[async_trait]
impl Resource for Replace {
    type Observed = FileSeen;

    async fn observe(&self, world: &dyn Probe) -> Result<FileSeen, Failure> {
        self.file.observe(world).await
    }

    fn plan(&self, seen: &FileSeen) -> Result<Change, Failure> {
        let change = self.file.plan(seen, |text| self.edited(text))?;
        let message = if change.is_none() {
            ""
        } else {
            "replacements made"
        };
        Ok(change.result(json!({ "msg": message })))
    }
}

impl Replace {
    fn edited(&self, text: &str) -> String {
        let range = match &self.section {
            None => 0..text.len(),
            Some(section) => match section.captures(text) {
                Ok(Some(captures)) => captures.name("section").map_or(0..0, |found| found.range()),
                _ => 0..0,
            },
        };
        let new = self.regex.replace_all(
            &text[range.clone()],
            |captures: &fancy_regex::Captures<'_, str>| expand(&self.new, captures),
        );
        format!("{}{new}{}", &text[..range.start], &text[range.end..])
    }
}
