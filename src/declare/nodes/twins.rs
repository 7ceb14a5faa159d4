//! Two sections that are one thing in the world: removing either would take the other's away.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::{Draft, path_of};
use crate::model::{Kind, Map, Node, Spec, Value};

/// Notes every thing that another section makes as well.
///
/// Names are compared as they are written: the same template gives the same name, and what different ones give is not
/// known here.
pub fn check(draft: &mut Draft<'_>) {
    let mut first: BTreeMap<(Kind, String), String> = BTreeMap::new();
    let mut twice = Vec::new();
    for node in &draft.nodes {
        let Some((name, key)) = identity(node) else {
            continue;
        };
        let made = (node.address.kind, name);
        match first.get(&made) {
            Some(other) => twice.push((node.address.clone(), key, other.clone())),
            None => drop(first.insert(made, node.address.to_string())),
        }
    }
    for (address, key, other) in twice {
        let mut path = path_of(&address);
        path.push(key);
        draft.error(
            "two sections make the same thing",
            format!("`{other}` makes this {} as well", address.kind.noun()),
            &path,
            format!("give each a `{key}` of its own, or keep one of them"),
        );
    }
}

/// What tells the thing from others of its kind in the world, and the key that says it.
fn identity(node: &Node) -> Option<(String, &'static str)> {
    let Spec::Resource(values) = &node.spec else {
        return None;
    };
    match node.address.kind {
        Kind::Key => Some((lexical(text(values, "file")?), "file")),
        // Names of roles are not told apart by case (IAM user guide, "Name requirements").
        Kind::Role => Some((text(values, "name")?.to_lowercase(), "name")),
        Kind::Stack => Some((text(values, "name")?.to_owned(), "stack_name")),
        Kind::TaskDefinition => Some((text(values, "family")?.to_owned(), "family")),
        Kind::Service => {
            let (cluster, name) = (text(values, "cluster")?, text(values, "name")?);
            Some((format!("{cluster}/{name}"), "service_name"))
        }
        // A bucket is one, objects are told apart by their sections, and a one-off task leaves nothing.
        _ => None,
    }
}

fn text<'a>(values: &'a Map, name: &str) -> Option<&'a str> {
    values.get(name).and_then(Value::as_str)
}

/// The path without the steps that lead nowhere: `keys/./ci` is `keys/ci`.
fn lexical(path: &str) -> String {
    let mut steps = Vec::new();
    for step in Path::new(path).components() {
        match step {
            Component::CurDir => {}
            Component::ParentDir => drop(steps.pop()),
            step => steps.push(step.as_os_str().to_string_lossy()),
        }
    }
    steps.join("/")
}
