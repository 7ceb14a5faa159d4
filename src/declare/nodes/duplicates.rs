//! Two sections that are one thing in the world: removing either would take the other's away.

use std::collections::BTreeMap;

use super::{draft::Draft, given::path_of};
use crate::model::{Kind, Node, Spec};
use crate::resource::nature;

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
///
/// There is one bucket, so nothing is compared of what has no key.
fn identity(node: &Node) -> Option<(String, &'static str)> {
    let Spec::Resource(values) = &node.spec else {
        return None;
    };
    let nature = nature(node.address.kind);
    let key = nature.identity?.key;
    (!key.is_empty()).then_some((nature.name(values)?.same, key))
}
