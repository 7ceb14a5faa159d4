//! What the ledger has to say before a walk: what must go, what must only be forgotten, what ran already.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::{Entry, Made};
use crate::model::{Address, Map, Node, Origin, Realm, Spec, Value};
use crate::plan::Record;
use crate::resource::nature;

/// The nodes by which everything that is not among the declared is taken away when we made it, or given back.
pub fn removals(entries: &BTreeMap<Address, Entry>, declared: &BTreeSet<Address>) -> Vec<Node> {
    undeclared(entries, declared)
        .filter(|entry| is_undone(entry))
        .map(node)
        .collect()
}

/// The things that we took over, that are declared no more and carry nothing to be taken off: forgotten, and left as
/// they are.
pub fn released(entries: &BTreeMap<Address, Entry>, declared: &BTreeSet<Address>) -> Vec<Address> {
    undeclared(entries, declared)
        .filter(|entry| !is_undone(entry))
        .map(|entry| entry.address.clone())
        .collect()
}

/// What is known of each thing that was entered.
pub fn remembered(entries: &BTreeMap<Address, Entry>) -> BTreeMap<Address, Record> {
    let record = |entry: &Entry| Record {
        values: values(entry),
        home: entry.home.clone(),
        extra: entry.extra.clone(),
        adopted: entry.made == Made::Adopted,
    };
    entries
        .values()
        .map(|entry| (entry.address.clone(), record(entry)))
        .collect()
}

/// The digests that it has: with what one-off tasks last ran well, in what a stack was last found not to differ.
pub fn digests(entries: &BTreeMap<Address, Entry>) -> BTreeMap<Address, String> {
    let digest = |entry: &Entry| {
        let digest = Record::digest(entry.address.kind, &entry.extra)?;
        Some((entry.address.clone(), digest.to_owned()))
    };
    entries.values().filter_map(digest).collect()
}

/// Whether something is done to it when it is declared no more.
fn is_undone(entry: &Entry) -> bool {
    entry.made == Made::Made || nature(entry.address.kind).given_back
}

fn undeclared<'a>(
    entries: &'a BTreeMap<Address, Entry>,
    declared: &'a BTreeSet<Address>,
) -> impl Iterator<Item = &'a Entry> {
    entries
        .values()
        .filter(|entry| !declared.contains(&entry.address))
}

/// What was declared of it. Whether it was taken over is what the ledger says, not what the file said last.
fn values(entry: &Entry) -> Map {
    let mut values = match &entry.values {
        Value::Object(values) => values.clone(),
        _ => Map::new(),
    };
    if let Some(adopt) = values.get_mut("adopt") {
        *adopt = Value::Bool(entry.made == Made::Adopted);
    }
    values
}

fn node(entry: &Entry) -> Node {
    let values = values(entry);
    let spec = match entry.address.kind.realm() {
        Realm::Registry => Spec::Target(values),
        Realm::Swarm => Spec::Swarm(values),
        Realm::Instance => Spec::Instance(values),
        Realm::Local | Realm::Aws | Realm::Host => Spec::Resource(values),
    };
    Node {
        address: entry.address.clone(),
        needs: entry.needs.iter().cloned().collect(),
        place: entry.place.clone(),
        spec,
        at: Origin::whole("the ledger, for it is declared no more"),
    }
}
