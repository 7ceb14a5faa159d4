//! Reads playbooks in Ansible's dialect, and says everything that is wrong with one at once.
//!
//! ```text
//!  text ─▶ yaml tree ─▶ play ─▶ steps ─┬▶ task ─▶ arguments   (k=v, free form, mapping)
//!                                      └▶ block
//! ```
//!
//! Whether a module exists and takes its arguments is judged where modules are known; here only the form is.

mod arguments;
mod fields;
mod play;
mod steps;
mod task;

use crate::model::playbook::{Base, Playbook, Step};
use crate::model::{Diagnostic, Severity, Source};
use crate::vars::yaml;

use fields::Notes;

/// Reads a playbook, which users call by `name` and whose relative paths start at `base`.
///
/// Gives it with what somebody may be surprised by; refuses it with every mistake in its form.
pub fn read(
    source: &Source,
    name: &str,
    base: Base,
) -> Result<(Playbook, Vec<Diagnostic>), Vec<Diagnostic>> {
    let tree = yaml::read(source)?;
    let mut notes = Notes::default();
    let Some(items) = tree.items() else {
        let label = format!("this is {}", tree.noun());
        let mistake = Diagnostic::error("a playbook is a list of plays", label, tree.span)
            .help("begin with `- hosts: all` and its `tasks:`");
        return Err(vec![mistake]);
    };
    let plays = items
        .iter()
        .filter_map(|item| play::read(item, &mut notes))
        .collect();
    let playbook = Playbook {
        name: name.to_owned(),
        base,
        plays,
    };
    notes.judge(playbook)
}

/// Reads a file of tasks, as `include_tasks` names them. An empty file has none.
///
/// Refuses it with every mistake in its form.
pub fn tasks(source: &Source) -> Result<Vec<Step>, Vec<Diagnostic>> {
    let tree = yaml::read(source)?;
    let mut notes = Notes::default();
    let steps = steps::list(&tree, &mut notes);
    notes.judge(steps).map(|(steps, _)| steps)
}

impl Notes {
    /// What was read, if nothing in it is an error.
    fn judge<T>(self, read: T) -> Result<(T, Vec<Diagnostic>), Vec<Diagnostic>> {
        let wrong = self
            .found
            .iter()
            .any(|note| note.severity == Severity::Error);
        if wrong {
            Err(self.found)
        } else {
            Ok((read, self.found))
        }
    }
}
