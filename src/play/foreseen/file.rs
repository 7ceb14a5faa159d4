//! A supposed change of a file.

use std::path::Path;

use crate::model::host_action::HostAction;

/// A supposed change of a file, with the user who makes it.
#[derive(Clone, Copy)]
pub struct File<'a> {
    /// The file.
    pub path: &'a Path,
    /// What is done.
    pub action: &'a HostAction,
    /// Who does it.
    pub user: &'a str,
}
