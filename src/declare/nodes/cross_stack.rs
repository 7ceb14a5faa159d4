//! Stacks that import what others of the environment export: those come first.

use std::collections::BTreeMap;

use super::{draft::Draft, filled};
use crate::model::{Address, Kind, Map, Node, Spec, Value};

/// Adds to each stack those of which it imports something, as far as the names can be worked out here.
pub fn needs(draft: &mut Draft<'_>) {
    let exporters = exporters(draft);
    let mut nodes = std::mem::take(&mut draft.nodes);
    for (node, values) in nodes.iter_mut().filter_map(stack) {
        let Some(template) = draft.templates.get(&node.address.name) else {
            continue;
        };
        let names = template.cross_stack.imports.iter();
        let names = names.filter_map(|name| name.with(|part| known(draft, &values, part)));
        let others = names.filter_map(|name| exporters.get(&name));
        let others = others.filter(|other| **other != node.address).cloned();
        let others: Vec<Address> = others.collect();
        node.needs.extend(others);
    }
    draft.nodes = nodes;
}

/// The stack that exports each name.
fn exporters(draft: &Draft<'_>) -> BTreeMap<String, Address> {
    let mut exporters = BTreeMap::new();
    for node in &draft.nodes {
        let (Some(template), Spec::Resource(values)) =
            (draft.templates.get(&node.address.name), &node.spec)
        else {
            continue;
        };
        if node.address.kind == Kind::Stack {
            let names = template.cross_stack.exports.iter();
            let names = names.filter_map(|name| name.with(|part| known(draft, values, part)));
            exporters.extend(names.map(|name| (name, node.address.clone())));
        }
    }
    exporters
}

fn stack(node: &mut Node) -> Option<(&mut Node, Map)> {
    let values = match &node.spec {
        Spec::Resource(values) if node.address.kind == Kind::Stack => values.clone(),
        _ => return None,
    };
    Some((node, values))
}

/// What a parameter of a stack, or a name of AWS's own, is before anything was made; none where that is not known.
fn known(draft: &Draft<'_>, values: &Map, name: &str) -> Option<String> {
    let text = |value: Option<&Value>| value?.as_str().map(str::to_owned);
    let aws = draft.environment.aws.as_ref();
    let written = match name {
        "AWS::StackName" => text(values.get("name")),
        "AWS::Region" => aws.map(|aws| aws.region.clone()),
        "AWS::AccountId" => aws.and_then(|aws| aws.account.clone()),
        parameter => {
            let of = |section: &str| text(values.get(section)?.get(parameter));
            of("parameters").or_else(|| of("defaults"))
        }
    };
    filled::filled_in(draft, &written?).map(|filled| filled.text)
}
