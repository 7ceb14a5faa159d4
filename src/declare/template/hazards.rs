//! What a template may say and nobody should want: open trust, privileged containers, secrets in clear text.

use super::tree::{head, resources};
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
        if statement.get("Condition").is_some_and(narrows) {
            continue;
        }
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

/// Keys of a condition that only some principals or networks satisfy (IAM Access Analyzer and S3 Block Public Access,
/// "The meaning of public"). `sts:ExternalId` is none: whoever knows it has it.
const NARROWING: &[&str] = &[
    "aws:federatedprovider",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpcsourceip",
];

/// Whether a condition lets only some in. One that a function makes is not known here, and taken for one that does.
fn narrows(condition: &Node) -> bool {
    let Some(operators) = condition.pairs() else {
        return true;
    };
    operators.iter().any(|(operator, keys)| {
        let operator = operator.text().unwrap_or_default().to_ascii_lowercase();
        if operator.starts_with("fn::") {
            return true;
        }
        let operator = operator.trim_start_matches("foranyvalue:");
        let matches = ["string", "arn", "ipaddress"];
        // What is absent passes `…IfExists` and `ForAllValues:`, and all but one pass `…Not…`.
        let lets_most_in = operator.contains("not") || operator.ends_with("ifexists");
        let narrow = matches.iter().any(|one| operator.starts_with(one)) && !lets_most_in;
        let keys = keys.pairs().unwrap_or_default().iter();
        narrow && keys.into_iter().any(|(key, value)| is_narrow(key, value))
    })
}

fn is_narrow(key: &Node, value: &Node) -> bool {
    let key = key.text().unwrap_or_default().to_ascii_lowercase();
    let values = value.items().unwrap_or(std::slice::from_ref(value));
    let everything = |one: &Node| matches!(one.text(), Some("*" | "**" | "0.0.0.0/0" | "::/0"));
    NARROWING.contains(&key.as_str()) && !values.iter().any(everything)
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
        if !hidden && holds_secret(name, parameter) {
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

/// Whether a parameter is a secret itself: a text whose name ends by saying so. What is of a type of AWS's own, a
/// number or one of a few values is none, nor is the name or the address of a secret, or whether there shall be one.
fn holds_secret(name: &str, parameter: &Node) -> bool {
    let text = parameter.get("Type").and_then(Node::text) == Some("String");
    let chosen = parameter.get("AllowedValues").is_some();
    let default = parameter
        .get("Default")
        .and_then(Node::text)
        .unwrap_or_default();
    let truth = matches!(default.to_lowercase().as_str(), "true" | "false");
    let elsewhere = truth || default.starts_with('/') || default.starts_with("arn:");
    let words = words(name);
    let whether = words
        .first()
        .is_some_and(|first| ASKING.contains(&first.as_str()));
    text && !chosen && !elsewhere && !whether && ends_secret(&words)
}

/// Words with which the name of a setting about a secret begins.
const ASKING: &[&str] = &[
    "allow", "change", "create", "enable", "generate", "has", "is", "manage", "require", "use",
];

fn ends_secret(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [
            ..,
            "password" | "passwd" | "pwd" | "passphrase" | "secret" | "token",
        ] => true,
        [.., "api" | "secret" | "private" | "access", "key"] => words != ["access", "key"],
        _ => false,
    }
}

/// The words of a name in small letters: `DBMasterPassword2` is `db`, `master`, `password`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let characters: Vec<char> = name.chars().collect();
    let mut open = false;
    for (at, c) in characters.iter().enumerate() {
        if !c.is_alphabetic() {
            open = false;
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        let small = |c: Option<&char>| c.is_some_and(|c| c.is_lowercase());
        let begins = c.is_uppercase() && (small(before) || small(characters.get(at + 1)));
        match words.last_mut() {
            Some(word) if open && !begins => word.extend(c.to_lowercase()),
            _ => words.push(c.to_lowercase().collect()),
        }
        open = true;
    }
    words
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
        .help("make it a parameter with `NoEcho: true` and without a default, or `{{resolve:secretsmanager:NAME}}`")
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
