//! What a template may say and nobody should want: open trust, privileged containers, secrets in clear text.

use super::sections::{head, resources};
use crate::declare::secrecy::is_secret;
use crate::model::{Diagnostic, Severity};
use crate::vars::yaml::{Kind, Node};

/// What a warning about a secret begins with, so that the secret can be taken out of all messages.
pub const CLEAR_TEXT: &str = "a secret in clear text";

/// Every hazard. Trust in everybody is an error, the others are warnings.
pub fn check(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, r#type, body) in resources(root) {
        let Some(properties) = body.get("Properties") else {
            continue;
        };
        if r#type == "AWS::IAM::Role" {
            trust(properties, &mut found);
        }
        if r#type == "AWS::ECS::TaskDefinition" {
            containers(properties, &mut found);
        }
        passwords(properties, &mut found);
    }
    parameters(root, &mut found);
    found
}

/// A role that anybody in any account may assume.
fn trust(properties: &Node, found: &mut Vec<Diagnostic>) {
    let Some(statements) = properties
        .get("AssumeRolePolicyDocument")
        .and_then(|policy| policy.get("Statement"))
    else {
        return;
    };
    let statements = statements
        .items()
        .unwrap_or(std::slice::from_ref(statements));
    for statement in statements {
        let allows = statement.get("Effect").and_then(Node::text) == Some("Allow");
        let Some(principal) = statement.get("Principal").filter(|_| allows) else {
            continue;
        };
        let named = principal.get("AWS").unwrap_or(principal);
        let all = named.items().unwrap_or(std::slice::from_ref(named));
        if let Some(star) = all.iter().find(|one| one.text() == Some("*")) {
            found.push(
                Diagnostic::error(
                    "anybody may assume this role",
                    "every AWS account in the world is trusted",
                    head(star),
                )
                .help(
                    "name the service or the account: `Principal: { Service: ec2.amazonaws.com }`",
                ),
            );
        }
    }
}

fn containers(properties: &Node, found: &mut Vec<Diagnostic>) {
    let containers = properties.get("ContainerDefinitions").and_then(Node::items);
    for container in containers.unwrap_or_default() {
        if let Some(privileged) = container.get("Privileged")
            && is_true(privileged)
        {
            found.push(
                Diagnostic::warning(
                    "a privileged container",
                    "it is root on its instance",
                    head(privileged),
                )
                .help(
                    "give it the single capabilities it needs: `LinuxParameters.Capabilities.Add`",
                ),
            );
        }
        let variables = container.get("Environment").and_then(Node::items);
        for variable in variables.unwrap_or_default() {
            let name = variable
                .get("Name")
                .and_then(Node::text)
                .unwrap_or_default();
            if let Some(value) = variable.get("Value")
                && is_secret(name)
            {
                clear_text(name, value, found);
            }
        }
    }
}

/// Properties that are named as passwords and hold literal text.
fn passwords(node: &Node, found: &mut Vec<Diagnostic>) {
    for item in node.items().unwrap_or_default() {
        passwords(item, found);
    }
    for (key, value) in node.pairs().unwrap_or_default() {
        let name = key.text().unwrap_or_default();
        if is_password(name) {
            clear_text(name, value, found);
        }
        passwords(value, found);
    }
}

/// Secret parameters that are shown, or that have a default which everybody reads.
fn parameters(root: &Node, found: &mut Vec<Diagnostic>) {
    let pairs = root.get("Parameters").and_then(Node::pairs);
    for (key, parameter) in pairs.unwrap_or_default() {
        let name = key.text().unwrap_or_default();
        let hidden = parameter.get("NoEcho").is_some_and(is_true);
        if hidden && let Some(default) = parameter.get("Default") {
            clear_text(name, default, found);
        }
        // A parameter of a type of AWS's own is the name of a thing that is there, not what the thing holds.
        let typed = parameter
            .get("Type")
            .and_then(Node::text)
            .is_some_and(|kind| kind.contains("AWS::"));
        if !hidden && !typed && is_secret(name) {
            found.push(
                Diagnostic::warning(
                    "a secret parameter that is shown",
                    "everybody who may describe the stack reads its value",
                    key.span.clone(),
                )
                .help("add `NoEcho: true`"),
            );
        }
    }
}

fn clear_text(name: &str, value: &Node, found: &mut Vec<Diagnostic>) {
    let Kind::Scalar(text) = &value.kind else {
        return;
    };
    // A tag is a reference, and so are `{{resolve:…}}` and the names of `Sub`.
    if value.tag.is_some() || text.is_empty() || text.contains("{{resolve:") {
        return;
    }
    found.push(Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::error(
            CLEAR_TEXT,
            format!("`{name}` stands here for everybody to read"),
            head(value),
        )
        .help("make it a parameter with `NoEcho: true`, or `{{resolve:secretsmanager:NAME}}`")
    });
}

/// Properties that hold a password. Plurals and settings about passwords (`ManageMasterUserPassword`) do not, and words
/// as `Token` and `Secret` name half of what there is in CloudFormation.
fn is_password(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    let ends = [
        "password",
        "passwd",
        "passphrase",
        "secretkey",
        "authtoken",
        "apikey",
    ];
    ends.iter().any(|end| name.ends_with(end)) && !name.starts_with("manage")
}

fn is_true(node: &Node) -> bool {
    node.text()
        .is_some_and(|text| matches!(text, "true" | "True" | "TRUE" | "yes" | "on"))
}
