//! The outer shape of a template: its sections, and what each thing in them must have.

use std::collections::BTreeMap;

use super::parameters;
use super::tree::{head, resources, things};
use crate::model::{Diagnostic, Source, meant};
use crate::resource::aws::outlives;
use crate::vars::yaml::Node;

/// CloudFormation user guide, "Template sections".
const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

/// What is said of a section that is none of these.
pub const UNKNOWN: &str = "unknown section";

/// CloudFormation user guide, "Resource attribute reference"; `Version` is for custom resources. `Description` stands nowhere
/// there and is taken: AWS CodeStar's templates describe every resource so.
const RESOURCE: &[&str] = &[
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Description",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
    "Version",
];

/// Kinds that give rights, and the property by which each gets a name of the template's choice.
const IAM: &[(&str, &str)] = &[
    ("AWS::IAM::AccessKey", ""),
    ("AWS::IAM::Group", "GroupName"),
    ("AWS::IAM::InstanceProfile", "InstanceProfileName"),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    ("AWS::IAM::Policy", ""),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::IAM::User", "UserName"),
    ("AWS::IAM::UserToGroupAddition", ""),
];

/// Every mistake of the outer shape.
///
/// Macros bring sections of their own, such as `Globals`.
pub fn check(root: &Node, source: &Source, macros: bool) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if !macros {
        version(root, &mut found);
        names(root, &mut found);
        for (key, _) in root.pairs().unwrap_or_default() {
            check_key(key, SECTIONS, UNKNOWN, "a template", &mut found);
        }
    }
    match root.get("Resources") {
        None => found.push(Diagnostic::error(
            "the template has no resources",
            "there is no section `Resources`",
            source.span(0..0),
        )),
        Some(section) if section.pairs().is_none_or(<[_]>::is_empty) => {
            found.push(Diagnostic::error(
                "the template has no resources",
                "`Resources` is empty",
                head(section),
            ));
        }
        Some(_) => {}
    }
    for (section, required) in [
        ("Resources", "Type"),
        ("Parameters", "Type"),
        ("Outputs", "Value"),
    ] {
        let pairs = root.get(section).and_then(Node::pairs);
        for (key, thing) in pairs.unwrap_or_default() {
            let name = key.text().unwrap_or_default();
            if name.starts_with("Fn::") {
                continue;
            }
            if thing.get(required).is_none() {
                found.push(Diagnostic::error(
                    "a key is missing",
                    format!("`{name}` needs `{required}`"),
                    key.span.clone(),
                ));
            }
            if section == "Parameters" {
                found.extend(parameters::wrong(name, thing, found.len()));
            }
            if section == "Resources" && !macros {
                policies(thing, &mut found);
                for (key, _) in thing.pairs().unwrap_or_default() {
                    check_key(key, RESOURCE, "unknown key", "a resource", &mut found);
                }
            }
        }
    }
    found
}

/// That a resource is of a kind which only the serverless macro knows, and the template does not call it.
pub fn missing_macro(root: &Node) -> Option<Diagnostic> {
    const PREFIX: &str = "AWS::Serverless::";
    let (_, r#type, body) = resources(root).find(|(_, r#type, _)| r#type.starts_with(PREFIX))?;
    let label =
        format!("a macro makes resources out of `{type}`, and none is called", type = r#type);
    let mistake = Diagnostic::error("a macro is missing", label, head(body.get("Type")?));
    Some(mistake.help("add `Transform: AWS::Serverless-2016-10-31` to the template"))
}

/// Notes a version that there is not: since the first there has been no other.
fn version(root: &Node, found: &mut Vec<Diagnostic>) {
    const ONLY: &str = "2010-09-09";
    let Some(version) = root.get("AWSTemplateFormatVersion") else {
        return;
    };
    if version.text() != Some(ONLY) {
        let label = "there is no such version of templates";
        let mistake = Diagnostic::error("unknown version", label, head(version));
        found.push(mistake.help(format!("write `AWSTemplateFormatVersion: '{ONLY}'`")));
    }
}

/// Notes names that CloudFormation refuses (user guide, "Template sections": logical IDs and names are alphanumeric).
fn names(root: &Node, found: &mut Vec<Diagnostic>) {
    for section in ["Mappings", "Outputs", "Parameters", "Resources"] {
        for (key, _) in things(root, section) {
            let name = key.text().unwrap_or_default();
            let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
            if !plain && !name.starts_with("Fn::") {
                let label = "a name in a template is made of A-Z, a-z and 0-9 alone";
                found.push(Diagnostic::error(
                    "a name that there cannot be",
                    label,
                    key.span.clone(),
                ));
            }
        }
    }
}

/// CloudFormation user guide, "DeletionPolicy attribute" and "UpdateReplacePolicy attribute".
const POLICIES: [(&str, &[&str]); 2] = [
    (
        "DeletionPolicy",
        &["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"],
    ),
    ("UpdateReplacePolicy", &["Delete", "Retain", "Snapshot"]),
];

/// Notes a policy that there is not; one by a function is not known here.
fn policies(resource: &Node, found: &mut Vec<Diagnostic>) {
    for (key, names) in POLICIES {
        let Some(policy) = resource.get(key).filter(|policy| policy.tag.is_none()) else {
            continue;
        };
        let Some(text) = policy.text().filter(|text| !names.contains(text)) else {
            continue;
        };
        let help = meant::advice(text, names.iter().copied(), found.len(), "possible here");
        let label = format!("there is no {key} `{text}`");
        found.push(Diagnostic::error("unknown policy", label, head(policy)).help(help));
    }
}

/// Notes a key that this owner does not have.
fn check_key(
    key: &Node,
    names: &[&str],
    summary: &'static str,
    owner: &str,
    found: &mut Vec<Diagnostic>,
) {
    let name = key.text().unwrap_or_default();
    if names.contains(&name) || name.starts_with("Fn::") {
        return;
    }
    let help = meant::advice(name, names.iter().copied(), found.len(), "possible here");
    let label = format!("{owner} has no `{name}`");
    found.push(Diagnostic::error(summary, label, key.span.clone()).help(help));
}

/// Resources by name, with their types, apart from those that stay when the stack is deleted.
pub fn deleted_with_stack(root: &Node) -> BTreeMap<String, String> {
    let stays = |body: &Node| {
        let policy = body.get("DeletionPolicy").and_then(Node::text);
        policy.is_some_and(outlives)
    };
    resources(root)
        .filter(|(_, _, body)| !stays(body))
        .map(|(name, r#type, _)| (name.to_owned(), r#type.to_owned()))
        .collect()
}

/// The capability that CloudFormation asks for: `CAPABILITY_NAMED_IAM` covers `CAPABILITY_IAM`.
pub fn capability(root: &Node) -> Option<&'static str> {
    let mut needed = None;
    for (_, r#type, body) in resources(root) {
        let Some((_, property)) = IAM.iter().find(|(kind, _)| *kind == r#type) else {
            continue;
        };
        if body
            .get("Properties")
            .and_then(|p| p.get(property))
            .is_some()
        {
            return Some("CAPABILITY_NAMED_IAM");
        }
        needed = Some("CAPABILITY_IAM");
    }
    needed
}
