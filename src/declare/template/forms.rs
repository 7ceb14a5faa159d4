//! Parts of a template in a form that CloudFormation refuses: keys that an attribute does not have, values that a function
//! does not take, functions where none is evaluated.

use super::functions::{call, each};
use super::tree::{head, names, things};
use crate::model::{Diagnostic, meant};
use crate::vars::yaml::{self, Node};

const FORM: &str = "this has another form than CloudFormation takes";

/// CloudFormation user guide, "Parameters".
const PARAMETER: &[&str] = &[
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];

/// CloudFormation user guide, "UpdatePolicy attribute".
const UPDATE_POLICY: &[&str] = &[
    "AutoScalingReplacingUpdate",
    "AutoScalingRollingUpdate",
    "AutoScalingScheduledAction",
    "CodeDeployLambdaAliasUpdate",
    "EnableVersionUpgrade",
    "UseOnlineResharding",
];

/// The functions that a condition is made of (user guide, "Condition functions").
const OF_CONDITIONS: &[&str] = &["And", "Condition", "Equals", "Not", "Or"];

/// Everything of another form.
pub fn check(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(description) = root.get("Description")
        && call(description).is_some()
    {
        found.push(wrong(
            "the description of a template is a text, without functions",
            description,
        ));
    }
    for (_, parameter) in things(root, "Parameters") {
        keys(parameter, PARAMETER, "a parameter", &mut found);
    }
    twice_named(root, &mut found);
    mappings(root, &mut found);
    conditions(root, &mut found);
    for (_, resource) in things(root, "Resources") {
        self::resource(resource, &mut found);
    }
    for (_, output) in things(root, "Outputs") {
        let export = output.get("Export");
        let export = export.filter(|export| call(export).is_none() && export.get("Name").is_none());
        found.extend(export.map(|export| {
            wrong("`Export` of an output is a mapping with `Name`", export)
                .help("write `Export: { Name: … }`")
        }));
    }
    each(root, &mut |name, argument| {
        found.extend(arguments(name, argument));
    });
    for section in ["Resources", "Outputs"] {
        for (_, thing) in things(root, section) {
            for (key, value) in thing.pairs().unwrap_or_default() {
                if key.text() != Some("Metadata") {
                    functions(value, &mut found);
                }
            }
        }
    }
    found
}

/// Names that both a parameter and a resource have: `Ref` could mean either.
fn twice_named(root: &Node, found: &mut Vec<Diagnostic>) {
    let parameters = names(root, "Parameters");
    for (key, _) in things(root, "Resources") {
        if key.text().is_some_and(|name| parameters.contains(name)) {
            let label = "a parameter has this name as well";
            let mistake = Diagnostic::error("a name that is given twice", label, key.span.clone());
            found.push(mistake.help("give one of the two another name"));
        }
    }
}

/// Mappings, which are of two levels: names, each with names that have a value.
fn mappings(root: &Node, found: &mut Vec<Diagnostic>) {
    for (name, mapping) in things(root, "Mappings") {
        if is_function(name) {
            continue;
        }
        for (key, row) in mapping.pairs().unwrap_or_default() {
            if !is_function(key) && row.pairs().is_none() && call(row).is_none() {
                let label = "each key of a mapping has a mapping of names with values";
                found.push(wrong(label, row));
            }
        }
    }
}

/// Conditions, each of which is a function that gives true or false.
fn conditions(root: &Node, found: &mut Vec<Diagnostic>) {
    for (name, condition) in things(root, "Conditions") {
        let function = match call(condition) {
            Some((function, _)) => Some(function),
            // In its long form, which is no function elsewhere.
            None => condition.get("Condition").map(|_| "Condition"),
        };
        let truth = matches!(condition.text(), Some("true" | "false")) && function.is_none();
        if !truth && !is_function(name) && !function.is_some_and(|one| OF_CONDITIONS.contains(&one))
        {
            let label = "a condition is made by `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` or another condition";
            found.push(wrong(label, condition));
        }
    }
}

fn resource(resource: &Node, found: &mut Vec<Diagnostic>) {
    if let Some(kind) = resource.get("Type")
        && let Some(text) = kind.text().filter(|_| call(kind).is_none())
        && !text.starts_with("Custom::")
        && text.split("::").count() < 3
    {
        let mistake = Diagnostic::error(
            "unknown type of a resource",
            format!("there is no type `{text}`"),
            head(kind),
        );
        found.push(
            mistake.help("a type is `AWS::SERVICE::KIND`, or `Custom::NAME` for a custom resource"),
        );
    }
    if let Some(policy) = resource
        .get("UpdatePolicy")
        .filter(|one| call(one).is_none())
    {
        keys(policy, UPDATE_POLICY, "`UpdatePolicy`", found);
    }
}

/// Notes keys that their owner does not have.
fn keys(node: &Node, known: &[&str], owner: &str, found: &mut Vec<Diagnostic>) {
    for (key, _) in node.pairs().unwrap_or_default() {
        let Some(name) = key.text().filter(|name| !known.contains(name)) else {
            continue;
        };
        if !is_function(key) {
            let help = meant::advice(name, known.iter().copied(), found.len(), "possible here");
            let label = format!("{owner} has no `{name}`");
            found.push(Diagnostic::error("unknown key", label, key.span.clone()).help(help));
        }
    }
}

/// What a function does not take, of values that are written out.
fn arguments(name: &str, argument: &Node) -> Option<Diagnostic> {
    let items = argument.items();
    // Behind its long form a function's one value may be another function.
    let own = argument
        .tag
        .as_deref()
        .is_none_or(|tag| tag.strip_prefix('!') == Some(name));
    match (name, items) {
        ("Join", Some([_, list])) if list.items().is_none() && call(list).is_none() => {
            Some(wrong("the second value of `Fn::Join` is a list", list))
        }
        ("Select", Some([index, list])) => {
            let literal = |node: &Node| call(node).is_none();
            let index = index.text().filter(|_| literal(index))?;
            let index: usize = index.parse().ok()?;
            let count = list.items().filter(|_| literal(list))?.len();
            let label = format!("the list has {count} values, which are counted from 0");
            (index >= count).then(|| wrong(label, argument))
        }
        ("ImportValue", Some(_)) if own => Some(wrong(
            "`Fn::ImportValue` takes a text, or a function that gives one",
            argument,
        )),
        _ => None,
    }
}

/// Functions that share a mapping with something else, and conditions that stand for a value.
fn functions(node: &Node, found: &mut Vec<Diagnostic>) {
    if node.tag.as_deref() == Some("!Condition") {
        let label = "a condition is no value";
        found.push(wrong(label, node).help("write `!If [CONDITION, VALUE, VALUE]`"));
    }
    let pairs = node.pairs().unwrap_or_default();
    if pairs.len() > 1
        && let Some((key, _)) = pairs.iter().find(|(key, _)| is_function(key))
    {
        let label = "a function stands alone in its mapping";
        found.push(Diagnostic::error(FORM, label, key.span.clone()));
    }
    let inner = pairs.iter().map(|(_, value)| value);
    for inner in inner.chain(node.items().unwrap_or_default()) {
        functions(inner, found);
    }
}

/// Whether a key is the long name of a function.
fn is_function(key: &Node) -> bool {
    let name = key.text().and_then(|name| name.strip_prefix("Fn::"));
    name.is_some_and(|name| {
        let name = name.split("::").next();
        name == Some("ForEach") || yaml::functions().any(|known| Some(known) == name)
    })
}

fn wrong(label: impl Into<String>, at: &Node) -> Diagnostic {
    Diagnostic::error(FORM, label, head(at))
}
