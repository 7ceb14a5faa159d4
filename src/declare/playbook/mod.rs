//! Reads playbooks: Ansible's YAML into [`crate::model::playbook`], with everything that is wrong said at once.

mod arguments;
mod block;
mod common;
mod fields;
mod keywords;
mod looping;
mod play;
mod task;

use fields::{Reader, wrong_shape};

use crate::{
    model::{
        Diagnostic, Map, Severity, Source, Value,
        playbook::{Base, Playbook, Step},
    },
    vars::yaml::{self, Dialect, Node},
};

/// What is wrong with a file, or what was read with the warnings.
pub type Reading<T> = Result<(T, Vec<Diagnostic>), Vec<Diagnostic>>;

/// Reads a playbook. `name` is what the user calls it, `base` the folder its relative paths start from.
///
/// Whether a module exists is not judged here: a key of a task that is no keyword is taken for its module.
pub fn read(source: &Source, name: &str, base: Base) -> Reading<Playbook> {
    let (read, said) = readable(source, name, base);
    finished(read, said)
}

/// As much of a playbook as can be read, none where that is nothing, with everything that is wrong with it.
pub fn readable(source: &Source, name: &str, base: Base) -> (Option<Playbook>, Vec<Diagnostic>) {
    part(source, |document, reader| Playbook {
        name: name.to_owned(),
        base,
        plays: reader
            .list(document, "a playbook", "plays")
            .iter()
            .filter_map(|node| play::read(node, reader))
            .collect(),
    })
}

/// Reads a file of tasks, as `include_tasks` and `import_tasks` name it.
pub fn tasks(source: &Source) -> Reading<Vec<Step>> {
    let (read, said) = readable_tasks(source);
    finished(read, said)
}

/// As [`readable`], of a file of tasks.
pub fn readable_tasks(source: &Source) -> (Option<Vec<Step>>, Vec<Diagnostic>) {
    part(source, block::steps)
}

fn part<T>(
    source: &Source,
    read: impl FnOnce(&Node, &mut Reader) -> T,
) -> (Option<T>, Vec<Diagnostic>) {
    match yaml::read(source) {
        Ok(document) => {
            let mut reader = Reader::default();
            let read = read(&document, &mut reader);
            (Some(read), reader.diagnostics)
        }
        Err(said) => (None, said),
    }
}

/// Reads a file of variables, as `vars_files` and `include_vars` name it; an empty file has none.
pub fn variables(source: &Source) -> Result<Map, Vec<Diagnostic>> {
    let document = yaml::read(source)?;
    if document.is_null() {
        return Ok(Map::new());
    }
    match document.to_value(Dialect::Ansible)? {
        Value::Object(map) => Ok(map),
        _ => Err(vec![wrong_shape(
            &document,
            "a file of variables is a mapping",
        )]),
    }
}

/// What was read, unless something is wrong.
fn finished<T>(read: Option<T>, said: Vec<Diagnostic>) -> Reading<T> {
    match read {
        Some(read) if said.iter().all(|d| d.severity != Severity::Error) => Ok((read, said)),
        _ => Err(said),
    }
}
