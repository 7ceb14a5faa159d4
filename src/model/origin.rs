//! Where in the user's files a thing was written.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// A place in a file: shown as `file:line:column`, both counted from 1; line 0 is the whole of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The file as the user would name it from where they stand.
    pub file: Arc<str>,
    /// Line, from 1; 0 where no line of it is meant.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Origin {
    /// A place in a file.
    pub fn new(file: impl Into<Arc<str>>, line: usize, column: usize) -> Self {
        Self {
            file: file.into(),
            line,
            column,
        }
    }

    /// All of a file.
    pub fn whole(file: impl Into<Arc<str>>) -> Self {
        Self::new(file, 0, 0)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// A value with the place it was written at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Located<T> {
    /// What was written.
    pub value: T,
    /// Where it was written.
    pub at: Origin,
}

impl<T> Located<T> {
    /// A value, with the place where it is written.
    pub fn new(value: T, at: Origin) -> Self {
        Self { value, at }
    }
}
