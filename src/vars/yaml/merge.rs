//! Merge keys: `<<: *defaults`.

use super::node::{Kind, Node, Style};
use crate::model::Diagnostic;

/// Puts what `<<` names before the mapping's own keys, which win.
pub(super) fn merge(node: &mut Node, wrong: &mut Vec<Diagnostic>) {
    let Kind::Mapping(pairs) = &mut node.kind else {
        return;
    };
    let is_merge = |(key, _): &(Node, Node)| key.style == Style::Plain && key.text() == Some("<<");
    if !pairs.iter().any(is_merge) {
        return;
    }
    let mut merged: Vec<(Node, Node)> = Vec::new();
    let (merges, own): (Vec<_>, Vec<_>) = pairs.drain(..).partition(is_merge);
    for (key, value) in merges {
        let sources = match value.kind {
            Kind::Mapping(pairs) => vec![Ok(pairs)],
            Kind::Sequence(items) => items
                .into_iter()
                .map(|item| match item.kind {
                    Kind::Mapping(pairs) => Ok(pairs),
                    _ => Err(item.span),
                })
                .collect(),
            Kind::Scalar(_) => vec![Err(key.span)],
        };
        for source in sources {
            match source {
                Ok(pairs) => {
                    for pair in pairs {
                        if !merged.iter().any(|(k, _)| k.text() == pair.0.text()) {
                            merged.push(pair);
                        }
                    }
                }
                Err(span) => wrong.push(Diagnostic::error(
                    "nothing to merge",
                    "`<<` takes a mapping or a list of mappings",
                    span,
                )),
            }
        }
    }
    for pair in own {
        match merged.iter_mut().find(|(k, _)| k.text() == pair.0.text()) {
            Some(place) => *place = pair,
            None => merged.push(pair),
        }
    }
    *pairs = merged;
}
