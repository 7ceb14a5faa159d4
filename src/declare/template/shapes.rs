//! What has another shape than CloudFormation reads there: a list where a mapping belongs, a mapping where a name does.

use super::functions::{call, each};
use super::tree::{head, things};
use crate::model::Diagnostic;
use crate::vars::yaml::Node;

/// The functions whose values stand in a list (user guide, "Intrinsic function reference" and "Condition functions").
/// `Fn::Sub` takes a text as well, and is not among them.
const OF_A_LIST: &[&str] = &[
    "And",
    "Cidr",
    "Equals",
    "FindInMap",
    "If",
    "Join",
    "Not",
    "Or",
    "Select",
    "Split",
];

/// Everything of another shape. What is not there at all, and null, is for others to say.
pub fn check(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (name, resource) in things(root, "Resources") {
        if name.text().is_none_or(|name| name.starts_with("Fn::")) {
            continue;
        }
        let Some(_) = resource.pairs() else {
            continue;
        };
        let is_mapping = |node: &Node| node.pairs().is_some() || is_null(node);
        let is_names = |node: &Node| {
            let names = node.items().unwrap_or(std::slice::from_ref(node));
            names.iter().all(|name| name.text().is_some())
        };
        type Fits<'a> = &'a dyn Fn(&Node) -> bool;
        let parts: [(&str, Fits<'_>, &str); 5] = [
            ("Type", &is_name, "a text"),
            ("Properties", &is_mapping, "a mapping"),
            ("Metadata", &is_mapping, "a mapping"),
            ("Condition", &is_name, "the name of a condition"),
            (
                "DependsOn",
                &is_names,
                "the name of a resource, or a list of them",
            ),
        ];
        for (key, fits, wanted) in parts {
            let part = resource.get(key);
            found.extend(
                part.filter(|part| !fits(part))
                    .map(|part| other_shape(format!("`{key}` of a resource is {wanted}"), part)),
            );
        }
    }
    for (_, output) in things(root, "Outputs") {
        let value = output.get("Value");
        let value = value.filter(|value| call(value).is_none() && value.text().is_none());
        found.extend(value.map(|value| {
            other_shape(
                "`Value` of an output is a text, or a function that gives one".to_owned(),
                value,
            )
        }));
    }
    each(root, &mut |name, argument| {
        if OF_A_LIST.contains(&name) && argument.items().is_none() {
            let label = format!("`Fn::{name}` takes its values in a list");
            found.push(other_shape(label, argument));
        }
        if name == "Ref" && !is_name(argument) {
            found.push(other_shape("`Ref` takes a name".to_owned(), argument));
        }
        if name == "Sub" && argument.text().is_none() && argument.items().is_none() {
            let label = "`Fn::Sub` takes a text, or a list of a text and what is filled in";
            found.push(other_shape(label.to_owned(), argument));
        }
    });
    found
}

/// Whether a node is a text that is not empty: a number is one too, as CloudFormation reads it.
fn is_name(node: &Node) -> bool {
    node.text().is_some_and(|text| !text.is_empty())
}

fn is_null(node: &Node) -> bool {
    node.text()
        .is_some_and(|text| matches!(text, "" | "~" | "null" | "Null" | "NULL"))
}

fn other_shape(label: String, at: &Node) -> Diagnostic {
    Diagnostic::error("this has another shape than is read here", label, head(at))
}
