//! What of a declaration is written into the ledger: enough to take the thing away, and nothing secret.

use std::path::Path;

use serde_json::json;

use super::{Kept, Site, identity};
use crate::model::{Attribute, Attributes, Kind, Map, Node, Value};
use crate::resource::key::Past;

/// The values without what could be secret in them: parameters of stacks, environments and commands of containers.
/// Removal needs none of these, so each is kept empty in its own shape. The file of a key pair is kept from the
/// project's root on, because a team's copies of the project lie elsewhere.
pub fn values(kind: Kind, mut values: Map, root: &Path) -> Map {
    let emptied: &[&str] = match kind {
        Kind::Stack => &["parameters", "defaults", "body", "tags"],
        Kind::TaskDefinition => &["containers"],
        Kind::Job => &["command"],
        Kind::Key
        | Kind::Role
        | Kind::Bucket
        | Kind::Object
        | Kind::Service
        | Kind::Host
        | Kind::Target => &[],
    };
    for name in emptied {
        if let Some(value) = values.get_mut(*name) {
            *value = match value {
                Value::Object(_) => Value::Object(Map::new()),
                Value::Array(_) => Value::Array(Vec::new()),
                _ => Value::String(String::new()),
            };
        }
    }
    if kind == Kind::Key
        && let Some(Value::String(file)) = values.get_mut("file")
        && let Ok(below) = Path::new(file.as_str()).strip_prefix(root)
    {
        *file = below.to_string_lossy().into_owned();
    }
    values
}

/// The name under which the public half of a key pair is remembered.
const PUBLIC: &str = "public";

/// What is remembered of a thing that is about to be made: no digest of a one-off task that has not run, and no public
/// half of a key pair that is not there yet.
pub fn begun(kind: Kind, kept: &Kept) -> Kept {
    Kept {
        extra: match kind {
            Kind::Key => json!({ PUBLIC: null }),
            _ => Value::Null,
        },
        ..kept.clone()
    }
}

/// What is remembered of a thing that stands, by what it gives.
pub fn told(kind: Kind, kept: &Kept, gives: &Attributes) -> Kept {
    match gives.get(PUBLIC) {
        Some(Attribute::Known(public)) if kind == Kind::Key => Kept {
            extra: json!({ PUBLIC: public }),
            ..kept.clone()
        },
        _ => kept.clone(),
    }
}

/// What is remembered of a key pair, also when its section was given another name since.
pub fn past(site: &Site, node: &Node, values: &Map) -> Past {
    let file = identity(
        Kind::Key,
        &self::values(Kind::Key, values.clone(), &site.root),
    );
    let same = || {
        site.remembered.iter().find_map(|(address, kept)| {
            let same = address.kind == Kind::Key && identity(Kind::Key, &kept.values) == file;
            same.then_some(kept)
        })
    };
    let Some(kept) = site.remembered.get(&node.address).or_else(same) else {
        return Past::New;
    };
    match (kept.extra.get(PUBLIC), kept.adopted) {
        (Some(Value::String(public)), true) => Past::Given(public.clone()),
        (Some(Value::String(public)), false) => Past::Made(public.clone()),
        // Entered, and cut before it was made.
        (Some(_), _) => Past::New,
        (None, true) => Past::New,
        // By a program that did not remember it.
        (None, false) => Past::Untold,
    }
}
