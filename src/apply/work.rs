//! What the ledger has to say before a walk: what must go, what must only be forgotten, what ran already.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::{Entry, Made};
use crate::model::{Address, Kind, Map, Node, Origin, Spec, Value};

/// The nodes by which everything is taken away that we made and that is not among the declared.
pub fn removals(entries: &BTreeMap<Address, Entry>, declared: &BTreeSet<Address>) -> Vec<Node> {
    undeclared(entries, declared)
        .filter(|entry| entry.made == Made::Made)
        .map(node)
        .collect()
}

/// The things that we took over and that are declared no more: forgotten, and left as they are.
pub fn released(entries: &BTreeMap<Address, Entry>, declared: &BTreeSet<Address>) -> Vec<Address> {
    undeclared(entries, declared)
        .filter(|entry| entry.made == Made::Adopted)
        .map(|entry| entry.address.clone())
        .collect()
}

/// The digests with which one-off tasks last ran well.
pub fn ran(entries: &BTreeMap<Address, Entry>) -> BTreeMap<Address, String> {
    let digest = |entry: &Entry| {
        Some((
            entry.address.clone(),
            entry.extra.get("digest")?.as_str()?.to_owned(),
        ))
    };
    entries
        .values()
        .filter(|entry| entry.address.kind == Kind::Job)
        .filter_map(digest)
        .collect()
}

fn undeclared<'a>(
    entries: &'a BTreeMap<Address, Entry>,
    declared: &'a BTreeSet<Address>,
) -> impl Iterator<Item = &'a Entry> {
    entries
        .values()
        .filter(|entry| !declared.contains(&entry.address))
}

fn node(entry: &Entry) -> Node {
    let values = match &entry.values {
        Value::Object(values) => values.clone(),
        _ => Map::new(),
    };
    let spec = if entry.address.kind == Kind::Target {
        Spec::Target(values)
    } else {
        Spec::Resource(values)
    };
    Node {
        address: entry.address.clone(),
        needs: entry.needs.iter().cloned().collect(),
        place: entry.place.clone(),
        spec,
        at: Origin::new("the ledger", 1, 1),
    }
}
