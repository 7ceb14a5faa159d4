//! What a rehearsal changes of an environment.

use std::{collections::BTreeMap, path::PathBuf};

use crate::model::Login;

/// What a rehearsal puts in the place of what the file says.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Another folder as backend.
    pub backend: Option<PathBuf>,
    /// Other logins, by the host's name.
    pub hosts: BTreeMap<String, Login>,
    /// Another folder for key pairs; each pair's file is its name in there.
    pub keys: Option<PathBuf>,
}
