//! Whether two texts of a template say the same to CloudFormation.

use std::collections::{HashMap, VecDeque};

use crate::model::Value;

/// Reads a template's text into a value; none when it cannot be read.
///
/// The function is handed in, since a kind reads no YAML. By default nothing can be read, and texts are compared.
#[derive(Clone, Copy)]
pub struct Reader(pub fn(&str) -> Option<Value>);

impl Default for Reader {
    fn default() -> Self {
        Self(|_| None)
    }
}

/// Sections that CloudFormation does not change by themselves but only together with a resource (user guide, "Template
/// sections"): alone they are no difference, for a change set of nothing else is refused as empty.
const ALONG: [&str; 3] = ["AWSTemplateFormatVersion", "Description", "Metadata"];

/// Both texts, where they differ in more than comments and forms of writing.
pub fn difference(before: &str, after: &str, reader: Reader) -> Option<(String, String)> {
    let after = lines(after);
    let before = restored(&lines(before), &after);
    if before == after {
        return None;
    }
    match (effective(&before, reader), effective(&after, reader)) {
        (Some(one), Some(other)) if one == other => None,
        _ => Some((before, after)),
    }
}

/// What of a template can make CloudFormation change something.
fn effective(text: &str, reader: Reader) -> Option<Value> {
    let mut template = (reader.0)(text)?;
    template
        .as_object_mut()?
        .retain(|section, _| !ALONG.contains(&section.as_str()));
    Some(template)
}

/// The text with one kind of line ending and one newline at its end, which editors and consoles change silently.
fn lines(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().map(|line| line.trim_end()).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

/// What CloudFormation tells of a template, with the characters that it told as `?` where a line of ours has them.
fn restored(told: &str, ours: &str) -> String {
    let mut known: HashMap<String, VecDeque<&str>> = HashMap::new();
    for line in ours.lines() {
        let (narrow, wide) = (stored(line, 1), stored(line, 2));
        if wide != narrow {
            known.entry(wide).or_default().push_back(line);
        }
        known.entry(narrow).or_default().push_back(line);
    }
    let mut text = String::with_capacity(ours.len());
    for line in told.lines() {
        text.push_str(match known.get_mut(line) {
            // Lines that are told alike come in the order in which they were written.
            Some(lines) if lines.len() > 1 => lines.pop_front().unwrap_or(line),
            Some(lines) => lines.front().copied().unwrap_or(line),
            None => line,
        });
        text.push('\n');
    }
    text
}

/// The line as `GetTemplate` tells it: CloudFormation keeps templates in ASCII. A character beyond the first 65 536 was
/// seen as one `?` and as two.
fn stored(line: &str, beyond: usize) -> String {
    let mut text = String::with_capacity(line.len());
    for character in line.chars() {
        match character {
            '\0'..='\u{7f}' => text.push(character),
            '\u{80}'..='\u{ffff}' => text.push('?'),
            _ => text.extend(std::iter::repeat_n('?', beyond)),
        }
    }
    text
}
