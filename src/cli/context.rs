//! What every command stands on: where it runs and how it shows things.

use std::io::IsTerminal;
use std::path::PathBuf;

use super::CommandError;
use super::global_flags::GlobalFlags;
use crate::declare;
use crate::model::{Failure, Redactor};
use crate::view::Style;

/// Where a command runs and how it shows things.
#[derive(Debug, Clone)]
pub struct Context {
    /// The folder it was started in, or was told to work in.
    pub folder: PathBuf,
    /// How things are shown.
    pub style: Style,
    /// Whether programs read what it prints.
    pub json: bool,
    /// Whether somebody is there to answer a question.
    pub asks: bool,
    /// Takes out of all that is shown the secrets that are read on the way.
    pub redactor: Redactor,
}

impl Context {
    /// What the flags say, and what the terminal and its variables do.
    pub fn new(flags: &GlobalFlags) -> Self {
        let json = flags.json;
        Self {
            folder: flags
                .directory
                .clone()
                .unwrap_or_else(|| PathBuf::from(".")),
            style: Style::detect(json),
            json,
            asks: !json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
            redactor: Redactor::default(),
        }
    }

    /// The project's root: the nearest folder at or above that has `environments/`.
    ///
    /// Fails when there is none.
    pub fn root(&self) -> Result<PathBuf, CommandError> {
        let folder = self.folder.canonicalize().map_err(|error| {
            Failure::new(
                "the folder cannot be used",
                format!("looking into {}", self.folder.display()),
            )
            .why(error)
        })?;
        declare::find_root(&folder).ok_or_else(|| {
            Failure::new(
                "this is no project",
                format!(
                    "looking for `{}/` from {}",
                    declare::FOLDER,
                    folder.display()
                ),
            )
            .why("Neither this folder nor one above it has that folder.")
            .help("`landfall init --host ADDRESS` or `landfall init --aws --account DIGITS` writes a first environment; `-C FOLDER` works elsewhere.")
            .into()
        })
    }
}
