//! The task files that playbooks include, read as they are reached.

use std::sync::{Mutex, PoisonError};

use crate::declare;
use crate::model::playbook::{Base, Step};
use crate::model::{Diagnostic, Failure, Severity, Source};
use crate::play;
use crate::vars::Files;

/// Reads task files beside a playbook, or from those that come with the program.
#[derive(Debug, Clone, Copy, Default)]
pub struct Library;

impl play::Library for Library {
    fn tasks(&self, base: &Base, path: &str) -> Result<Option<Vec<Step>>, Failure> {
        let Some(source) = source(base, path)? else {
            return Ok(None);
        };
        match declare::playbook::tasks(&source) {
            Ok((steps, _)) => Ok(Some(steps)),
            Err(mistakes) => Err(mistakes.first().map_or_else(
                || Failure::bug("a file was refused without a mistake"),
                Failure::from,
            )),
        }
    }
}

/// The text of a task file; none where there is no such file.
fn source(base: &Base, path: &str) -> Result<Option<Source>, Failure> {
    let Some(bytes) = Files::read(base, path)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::new("a task file cannot be read", format!("reading {path}"))
            .why("It is not text in UTF-8.")
    })?;
    Ok(Some(Source::new(path, text)))
}

/// Reads task files as far as they can be read, and keeps what is wrong with them.
#[derive(Default)]
pub struct Lenient {
    mistakes: Mutex<Vec<Diagnostic>>,
}

impl Lenient {
    /// The mistakes since they were last asked for.
    pub fn take_mistakes(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut *self.mistakes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl play::Library for Lenient {
    fn tasks(&self, base: &Base, path: &str) -> Result<Option<Vec<Step>>, Failure> {
        let Some(source) = source(base, path)? else {
            return Ok(None);
        };
        let (steps, said) = declare::playbook::readable_tasks(&source);
        let wrong = said.into_iter();
        let wrong = wrong.filter(|one| one.severity == Severity::Error);
        let mut mistakes = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        // Each play reads its files itself.
        for one in wrong {
            if !mistakes.contains(&one) {
                mistakes.push(one);
            }
        }
        Ok(Some(steps.unwrap_or_default()))
    }
}
