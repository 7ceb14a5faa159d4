//! What the ledger tells of a key pair: whether it was made, here or elsewhere, and with which public half.

use super::{Site, record};
use crate::model::{Kind, Map, Node, Value};
use crate::resource::{key::Past, nature};

/// What is recorded of a key pair, also when its section was given another name since.
pub fn past(site: &Site, node: &Node, values: &Map) -> Past {
    let name = |values: &Map| nature(Kind::Key).name(values).map(|name| name.same);
    let file = name(&record::values(Kind::Key, values.clone(), &site.root));
    let same = || {
        site.remembered.iter().find_map(|(address, record)| {
            let same = address.kind == Kind::Key && name(&record.values) == file;
            same.then_some(record)
        })
    };
    let Some(record) = site.remembered.get(&node.address).or_else(same) else {
        return Past::New;
    };
    match (record.extra.get("public"), record.adopted) {
        (Some(Value::String(public)), true) => Past::Given(public.clone()),
        (Some(Value::String(public)), false) => Past::Made(public.clone()),
        // Entered, and cut before it was made.
        (Some(_), _) => Past::New,
        (None, true) => Past::New,
        // By a program that did not record it.
        (None, false) => Past::Untold,
    }
}
