//! Reads playbooks: Ansible's YAML into [`crate::model::playbook`], with everything that is wrong said at once.

mod arguments;
mod block;
mod fields;
mod keywords;
mod looping;
mod play;
mod task;

use fields::Reader;

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
    let document = yaml::read(source)?;
    let mut reader = Reader::default();
    let plays = reader
        .list(&document, "a playbook", "plays")
        .iter()
        .filter_map(|node| play::read(node, &mut reader))
        .collect();
    reader.finish(Playbook {
        name: name.to_owned(),
        base,
        plays,
    })
}

/// Reads a file of tasks, as `include_tasks` and `import_tasks` name it.
pub fn tasks(source: &Source) -> Reading<Vec<Step>> {
    let document = yaml::read(source)?;
    let mut reader = Reader::default();
    let steps = block::steps(&document, &mut reader);
    reader.finish(steps)
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

fn wrong_shape(node: &Node, rule: &str) -> Diagnostic {
    Diagnostic::error(
        "wrong type",
        format!("{rule}; this is {}", node.noun()),
        node.span.clone(),
    )
}

impl Reader {
    /// What was read, unless something is wrong.
    fn finish<T>(self, read: T) -> Reading<T> {
        if self.said.iter().any(|d| d.severity == Severity::Error) {
            Err(self.said)
        } else {
            Ok((read, self.said))
        }
    }
}
