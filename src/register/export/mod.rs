//! The forms in which targets are handed on. A form is a value: one more is its file and a line in [`FORMATS`].

mod ansible;
mod bitbucket;
mod circleci;
mod docker_context;
mod dotenv;
mod ecspresso;
mod env_file;
mod format;
mod github;
mod github_env;
mod github_workflow;
mod gitlab;
mod json;
mod kamal;
mod record;
mod schema;
mod script;
mod selection;
mod shell;
mod socket;
mod ssh;
mod tfvars;
mod variables;
mod woodpecker;

use std::path::Path;

use crate::model::Failure;

pub use dotenv::DOTENV;
pub use format::Format;
pub use json::JSON;
pub use schema::schema;
pub use selection::{Selection, key_copy};

/// Every form, the usual one first.
pub const FORMATS: &[&Format] = &[
    &DOTENV,
    &env_file::ENV_FILE,
    &shell::SHELL,
    &JSON,
    &ssh::SSH_CONFIG,
    &ssh::KNOWN_HOSTS,
    &ansible::INI,
    &ansible::YAML,
    &ansible::PROGRAM,
    &docker_context::DOCKER_CONTEXT,
    &kamal::KAMAL,
    &ecspresso::ECSPRESSO,
    &tfvars::TFVARS,
    &github::GITHUB,
    &github_env::GITHUB_ENV,
    &github_workflow::GITHUB_WORKFLOW,
    &gitlab::GITLAB,
    &gitlab::GITLAB_VARIABLES,
    &circleci::CIRCLECI,
    &woodpecker::WOODPECKER,
    &bitbucket::BITBUCKET,
];

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: &'static str,
    /// Whether it is a program.
    pub program: bool,
    /// Its text.
    pub content: String,
}

/// The form of this name; none when there is none.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.name == name)
}

/// The targets in this form, as one text.
///
/// Refuses an empty selection, a form that needs a host or a service where there is none, and values that the form cannot
/// hold without meaning something else.
pub fn export(selection: &Selection<'_>, format: &Format) -> Result<String, Failure> {
    some(selection)?;
    (format.render)(selection, None)
}

/// The same as files of that folder, with those that it names. Refuses what [`export`] refuses.
pub fn export_files(
    selection: &Selection<'_>,
    format: &Format,
    folder: &Path,
) -> Result<Vec<File>, Failure> {
    some(selection)?;
    let written = |format: &Format| {
        Ok(File {
            name: format.file,
            program: format.program,
            content: (format.render)(selection, Some(folder))?,
        })
    };
    let beside = format.beside.iter().map(|beside| written(beside));
    std::iter::once(written(format)).chain(beside).collect()
}

fn some(selection: &Selection<'_>) -> Result<(), Failure> {
    if selection.targets.is_empty() {
        return Err(
            Failure::new("nothing to export", "No target is registered.")
                .help("Apply the environment, which registers what is declared."),
        );
    }
    Ok(())
}
