//! The task files that playbooks include, read as they are reached.

use crate::declare;
use crate::model::playbook::{Base, Step};
use crate::model::{Failure, Source};
use crate::plan;
use crate::vars::Files;

/// Reads task files beside a playbook, or from those that come with the program.
#[derive(Debug, Clone, Copy, Default)]
pub struct Library;

impl plan::playbook::Library for Library {
    fn tasks(&self, base: &Base, path: &str) -> Result<Option<Vec<Step>>, Failure> {
        let Some(bytes) = Files::read(base, path)? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes).map_err(|_| {
            Failure::new("a task file cannot be read", format!("reading {path}"))
                .why("It is not text in UTF-8.")
        })?;
        match declare::playbook::tasks(&Source::new(path, text)) {
            Ok((steps, _)) => Ok(Some(steps)),
            Err(mistakes) => Err(mistakes.first().map_or_else(
                || Failure::bug("a file was refused without a mistake"),
                Failure::from,
            )),
        }
    }
}
