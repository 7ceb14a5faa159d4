//! Keys that `FindInMap` looks up and that their mapping does not have.

use super::functions::{call, each};
use super::tree::{head, things};
use crate::model::{Diagnostic, meant};
use crate::vars::yaml::Node;

/// Every key that is written out and is not there; whatever a function gives is known to AWS alone.
pub fn check(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    each(root, &mut |name, argument| {
        if name == "FindInMap" {
            found.extend(missing(root, argument, found.len()));
        }
    });
    found
}

fn missing(root: &Node, argument: &Node, told: usize) -> Option<Diagnostic> {
    let [mapping, top, second] = argument.items()? else {
        return None;
    };
    let (name, mapping) = things(root, "Mappings")
        .find(|(name, _)| name.text().is_some() && name.text() == literal(mapping))?;
    let name = name.text()?;
    let tops = mapping.pairs()?;
    let rows: Vec<&Node> = match literal(top) {
        Some(key) => match mapping.get(key) {
            Some(row) => vec![row],
            None => {
                let keys = tops.iter().filter_map(|(key, _)| key.text());
                return Some(absent(
                    format!("`{name}` has no key `{key}`"),
                    top,
                    key,
                    keys,
                    told,
                ));
            }
        },
        None => tops.iter().map(|(_, row)| row).collect(),
    };
    let key = literal(second)?;
    // A row that is no mapping is another mistake, or comes from elsewhere.
    if rows
        .iter()
        .any(|row| row.pairs().is_none() || row.get(key).is_some())
    {
        return None;
    }
    let whose = match (literal(top), &rows[..]) {
        (_, []) => return None,
        (Some(top), _) => format!("`{top}` of `{name}` has no key `{key}`"),
        (None, _) => format!("nothing in `{name}` has a key `{key}`"),
    };
    let keys = rows.iter().flat_map(|row| row.pairs().unwrap_or_default());
    let keys = keys.filter_map(|(key, _)| key.text());
    Some(absent(whose, second, key, keys, told))
}

/// The text of a node that calls no function.
fn literal(node: &Node) -> Option<&str> {
    node.text().filter(|_| call(node).is_none())
}

fn absent<'a>(
    label: String,
    at: &Node,
    key: &str,
    keys: impl Iterator<Item = &'a str>,
    told: usize,
) -> Diagnostic {
    let mut keys: Vec<&str> = keys.collect();
    keys.sort_unstable();
    keys.dedup();
    let help = meant::advice(key, keys, told, "its keys");
    Diagnostic::error("a key that its mapping does not have", label, head(at)).help(help)
}
