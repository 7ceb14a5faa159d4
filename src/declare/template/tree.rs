//! What is read off a template's tree: the names in a section, its resources, where a thing begins.

use std::collections::BTreeSet;

use crate::model::Span;
use crate::vars::yaml::Node;

/// The keys of a section.
pub fn names(root: &Node, section: &str) -> BTreeSet<String> {
    root.get(section)
        .and_then(Node::pairs)
        .unwrap_or_default()
        .iter()
        .filter_map(|(key, _)| key.text().map(str::to_owned))
        .collect()
}

/// Name, type and body of each resource that has a type.
pub fn resources(root: &Node) -> impl Iterator<Item = (&str, &str, &Node)> {
    let pairs = root.get("Resources").and_then(Node::pairs);
    pairs
        .unwrap_or_default()
        .iter()
        .filter_map(|(key, body)| Some((key.text()?, body.get("Type")?.text()?, body)))
}

/// Name and body of each thing of a section.
pub fn things<'a>(root: &'a Node, section: &str) -> impl Iterator<Item = (&'a Node, &'a Node)> {
    let pairs = root.get(section).and_then(Node::pairs);
    pairs
        .unwrap_or_default()
        .iter()
        .map(|(key, body)| (key, body))
}

/// The start of a thing that may go over many lines.
pub fn head(node: &Node) -> Span {
    let start = node.span.range.start;
    let text = &node.span.source.text;
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.find('\n').unwrap_or(rest.len());
    let end = (start + line).min(node.span.range.end).max(start);
    node.span.source.span(start..end)
}

/// Where a name stands inside the text of a node; the node's first line when it is not found there.
pub fn span_of(name: &str, at: &Node) -> Span {
    let range = at.span.range.clone();
    let text = at.span.source.text.get(range.clone()).unwrap_or_default();
    for pattern in [format!("${{{name}"), name.to_owned()] {
        if let Some(offset) = text.find(&pattern) {
            let start = range.start + offset + pattern.len() - name.len();
            return at.span.source.span(start..start + name.len());
        }
    }
    head(at)
}
