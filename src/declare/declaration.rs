//! What an environment comes to.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use crate::model::{Diagnostic, Node, Origin, Secret, Source};
use crate::vars::Scope;

/// An environment as it was declared and found right.
#[derive(Clone)]
pub struct Declaration {
    /// The project.
    pub project: String,
    /// The environment's name.
    pub name: String,
    /// The folder that `environments/` stands in; relative paths start from it.
    pub root: PathBuf,
    /// The file it was read from.
    pub file: Source,
    /// The AWS account and region; none when nothing in AWS is declared.
    pub aws: Option<AwsSettings>,
    /// Where targets, ledger, lock and journal are kept.
    pub backend: BackendSettings,
    /// What templates may refer to before anything is made: `project`, `environment`, `aws`, `vars` and `env`.
    pub scope: Scope,
    /// The values of the dotenv files, none of which may be shown.
    pub secrets: Vec<Secret>,
    /// The names of the targets that are declared, also where nothing else of the environment was read.
    pub targets: Vec<String>,
    /// Everything that is declared, with templates still inside.
    pub nodes: Vec<Node>,
    /// Where each variable of each host is written.
    pub vars_at: BTreeMap<(String, String), Origin>,
    /// What somebody may be surprised by.
    pub warnings: Vec<Diagnostic>,
}

impl fmt::Debug for Declaration {
    /// Without the scope, which holds the values of dotenv files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Declaration")
            .field("project", &self.project)
            .field("name", &self.name)
            .field("root", &self.root)
            .field("aws", &self.aws)
            .field("backend", &self.backend)
            .field("nodes", &self.nodes)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

/// The AWS account and region of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsSettings {
    /// The region.
    pub region: String,
    /// The account's 12 digits; credentials of another are refused.
    pub account: Option<String>,
    /// The profile of `~/.aws/config`.
    pub profile: Option<String>,
}

/// Where targets, ledger, lock and journal are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackendSettings {
    /// A folder.
    Folder {
        /// Its path.
        path: PathBuf,
    },
    /// An S3 bucket.
    S3 {
        /// Its name.
        bucket: String,
        /// What the keys start with; may be empty.
        prefix: String,
    },
}
