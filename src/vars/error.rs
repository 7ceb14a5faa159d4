//! Why a template has no value.

use std::fmt;

use crate::model::{Address, Failure, Origin};

/// Why a template has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderError {
    /// It uses something that is known only after this was applied.
    Unknown(Address),
    /// It uses a name that nothing defines: which, and what is near it.
    Undefined(String),
    /// Anything else: a broken template, a wrong type, a limit.
    Wrong(String),
}

impl RenderError {
    /// As a failure at the place the template was written.
    pub fn failure(&self, at: &Origin) -> Failure {
        let failure = match self {
            RenderError::Unknown(address) => Failure::new(
                "a value is not known yet",
                format!("it comes from {address}, which was not applied yet"),
            )
            .help(format!("apply {address} first")),
            RenderError::Undefined(what) => {
                Failure::new("an undefined variable", "rendering a template").why(what)
            }
            RenderError::Wrong(why) => {
                Failure::new("a template cannot be rendered", "rendering a template").why(why)
            }
        };
        failure.at(at)
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RenderError::Unknown(address) => {
                write!(f, "the value comes from {address} and is not known yet")
            }
            RenderError::Undefined(why) | RenderError::Wrong(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for RenderError {}
