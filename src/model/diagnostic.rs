//! What is wrong with something the user wrote.

use std::{ops::Range, sync::Arc};

use serde::Serialize;

use super::Origin;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// It can, but somebody will be surprised.
    Warning,
}

/// A file that was read: its name as the user would give it, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name shown in messages.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
}

impl Source {
    /// A file of this name and text.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
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
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Origin::new(
            self.name.clone(),
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}

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
