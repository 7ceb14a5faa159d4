//! What is wrong with something the user wrote.

use std::{
    ops::{Deref, Range},
    sync::{Arc, OnceLock},
};

use serde::Serialize;

use super::Origin;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but somebody will be surprised.
    Warning,
}

/// A file that was read: its name as the user would give it, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name shown in messages.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<Text>,
}

impl Source {
    /// A file of this name and text.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Box<str>>) -> Self {
        Self {
            name: name.into(),
            text: Arc::new(Text {
                text: text.into(),
                marks: OnceLock::new(),
            }),
        }
    }

    /// A stretch of it, in bytes.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span {
            source: self.clone(),
            range,
        }
    }

    /// The same file in which nothing of these stretches can be read. Every place in it stays what it was.
    pub fn masked(&self, secrets: &[Range<usize>]) -> Self {
        let mut shown = String::with_capacity(self.text.len());
        let mut secrets: Vec<&Range<usize>> = secrets.iter().collect();
        secrets.sort_by_key(|range| range.start);
        let mut next = 0;
        // How far what began so far reaches: stretches may lie in one another.
        let mut end = 0;
        for (at, c) in self.text.char_indices() {
            while let Some(range) = secrets.get(next).filter(|range| range.start <= at) {
                end = end.max(range.end);
                next += 1;
            }
            let secret = at < end;
            if secret && !c.is_whitespace() {
                shown.extend(std::iter::repeat_n('*', c.len_utf8()));
            } else {
                shown.push(c);
            }
        }
        Self::new(self.name.clone(), shown)
    }

    /// The place of a byte offset; offsets past the end give the end.
    pub fn origin(&self, offset: usize) -> Origin {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let (line, column) = self.text.line_and_column(offset);
        Origin::new(self.name.clone(), line, column)
    }
}

/// The text of a file. Where something stands in it is found without a look at all that stands before.
#[derive(Debug)]
pub struct Text {
    text: Box<str>,
    marks: OnceLock<Vec<Mark>>,
}

/// A place that others are counted from.
#[derive(Debug)]
struct Mark {
    byte: usize,
    line: usize,
    column: usize,
}

/// Bytes from one mark to the next, about.
const STEP: usize = 256;

impl Text {
    /// Line and column, both from 1, of a byte at which a character starts, or of the end.
    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let marks = self.marks.get_or_init(|| marks(&self.text));
        // The first mark at or behind a multiple of the step is never behind a character's start in that step.
        let mark = &marks[(offset / STEP).min(marks.len() - 1)];
        let between = &self.text[mark.byte..offset];
        match between.rfind('\n') {
            None => (mark.line, mark.column + between.chars().count()),
            Some(newline) => (
                mark.line + between.matches('\n').count(),
                between[newline..].chars().count(),
            ),
        }
    }
}

/// The first character at or behind each multiple of the step; the start of the text in any case.
fn marks(text: &str) -> Vec<Mark> {
    let mut marks = Vec::with_capacity(text.len() / STEP + 1);
    let (mut line, mut column) = (1, 1);
    for (byte, c) in text.char_indices() {
        if byte >= marks.len() * STEP {
            marks.push(Mark { byte, line, column });
        }
        (line, column) = match c {
            '\n' => (line + 1, 1),
            _ => (line, column + 1),
        };
    }
    if marks.is_empty() {
        let byte = 0;
        marks.push(Mark { byte, line, column });
    }
    marks
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Text {}

/// A stretch of a [`Source`], in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The file.
    pub source: Source,
    /// Byte offsets into its text.
    pub range: Range<usize>,
}

impl Span {
    /// The same stretch of a file in which nothing of it can be read: for secrets.
    pub fn masked(&self) -> Self {
        let range = self.range.clone();
        self.source.masked(std::slice::from_ref(&range)).span(range)
    }
}

/// One thing that is wrong with a file: a constant summary, then what is wrong here, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A constant short phrase, for example `unknown key`.
    pub summary: &'static str,
    /// What is wrong with what stands there; shown beside the caret.
    pub label: String,
    /// Where it stands; a mistake of a whole file has an empty range at its start.
    pub span: Span,
    /// What to write instead, when that is known.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at this place.
    pub fn error(summary: &'static str, label: impl Into<String>, span: Span) -> Self {
        Self {
            severity: Severity::Error,
            summary,
            label: label.into(),
            span,
            help: None,
        }
    }

    /// A warning at this place.
    pub fn warning(summary: &'static str, label: impl Into<String>, span: Span) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(summary, label, span)
        }
    }

    /// The same with advice.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// `file:line:column` of its start.
    pub fn origin(&self) -> Origin {
        self.span.source.origin(self.span.range.start)
    }
}

impl From<&Diagnostic> for super::Failure {
    /// For mistakes that are met while the program already acts, such as an included file.
    fn from(diagnostic: &Diagnostic) -> Self {
        super::Failure::new(diagnostic.summary, diagnostic.label.clone())
            .at(&diagnostic.origin())
            .help(diagnostic.help.clone().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_the_one_that_counting_from_the_start_gives() {
        let long = "ä€x".repeat(500);
        for text in [
            "",
            "a",
            "\n",
            "a\nä\n\nb",
            &long,
            &format!("{long}\n{long}\n\n{long}"),
        ] {
            let source = Source::new("a", text);
            for offset in
                (0..=text.len() + 1).filter(|at| *at > text.len() || text.is_char_boundary(*at))
            {
                let before = &text[..offset.min(text.len())];
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
                assert_eq!(
                    source.origin(offset),
                    Origin::new("a", line, column),
                    "{offset}"
                );
            }
        }
    }
}
