//! Two environments of a project that are to have one thing: each would change, or destroy, what is the other's.

use std::{collections::HashMap, path::Path};

use super::{Declaration, document, document::Tree, secrecy};
use crate::model::playbook::Base;
use crate::model::{Diagnostic, Map, Node, Realm, Redactor, Severity, Spec, Value};
use crate::resource::nature;
use crate::resource::nature::{Name, Within};
use crate::vars::Renderer;

/// Something there is only one of in the world, that a section of an environment is to have.
struct Claim<'a> {
    node: &'a Node,
    /// What it is, in the field's words, for example `role`.
    noun: &'static str,
    /// Its name, as it can be known without the network.
    name: Name,
    /// Where there can be one of this name only: an account, a region of it, the world.
    within: String,
    /// The key that names it.
    key: &'static str,
    severity: Severity,
}

impl Claim<'_> {
    /// What makes it the same thing as another's.
    fn thing(&self) -> (&'static str, &str, &str) {
        (self.noun, &self.name.same, &self.within)
    }
}

/// Everything that `ours` is to have and `theirs` as well, as mistakes and warnings in the file of `ours`.
///
/// Names that are only known once something was applied are not compared.
pub fn clashes(ours: &Declaration, theirs: &Declaration) -> Vec<Diagnostic> {
    let (tree, _) = document::parse(&ours.file);
    let theirs_claims = claims(theirs);
    let mut others = HashMap::new();
    for claim in &theirs_claims {
        others.entry(claim.thing()).or_insert(claim);
    }
    let redactor = Redactor::new(ours.secrets.clone());
    let mut found: Vec<Diagnostic> = claims(ours)
        .iter()
        .filter_map(|claim| {
            let other = others.get(&claim.thing())?;
            Some(clash(ours, theirs, claim, other, &tree, &redactor))
        })
        .collect();
    secrecy::hide(&mut found, &ours.file, &secrecy::literals(&tree));
    found
}

fn clash(
    ours: &Declaration,
    theirs: &Declaration,
    claim: &Claim<'_>,
    other: &Claim<'_>,
    tree: &Tree,
    redactor: &Redactor,
) -> Diagnostic {
    let mut path: Vec<&str> = claim.node.address.kind.section().split('.').collect();
    if !claim.node.address.name.is_empty() {
        path.push(&claim.node.address.name);
    }
    path.extend(claim.key.split('.').filter(|key| !key.is_empty()));
    let range = match tree.at(&path) {
        Some(value) => value.range.clone(),
        None => tree.key_range(&path),
    };
    let (summary, label) = (
        "two environments have the same thing",
        format!(
            "the {} `{}` is also {} of {}",
            claim.noun,
            redactor.text(&claim.name.shown),
            other.node.address,
            theirs.file.name
        ),
    );
    let span = ours.file.span(range);
    let (diagnostic, help) = match claim.severity {
        Severity::Error => (
            Diagnostic::error(summary, label, span),
            "give each its own, for example with `{{ environment }}` in the name: one would change and destroy what \
             the other made",
        ),
        Severity::Warning => (
            Diagnostic::warning(summary, label, span),
            "both environments work on it: make sure that neither undoes what the other does",
        ),
    };
    diagnostic.help(help)
}

/// What an environment is to have, as far as it is known.
fn claims(declaration: &Declaration) -> Vec<Claim<'_>> {
    let renderer = Renderer::new(Base::Folder(declaration.root.clone()));
    let text = |values: &Map, key: &str| {
        let value = renderer.value(values.get(key)?, &declaration.scope).ok()?;
        match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    };
    let aws = declaration.aws.as_ref();
    let account = aws.and_then(|aws| aws.account.clone()).unwrap_or_default();
    let region = aws.map(|aws| format!("{account}/{}", aws.region));
    let region = region.unwrap_or_default();
    let mut claims = Vec::new();
    for node in &declaration.nodes {
        let mut claim = |noun, name: Option<Name>, within: &str, key, severity| {
            claims.extend(name.map(|name| Claim {
                node,
                noun,
                name,
                within: within.to_owned(),
                key,
                severity,
            }));
        };
        let values = match &node.spec {
            Spec::Resource(values) => values,
            Spec::Host { login, .. } => {
                let port = text(login, "port").unwrap_or_default();
                let name = text(login, "address").map(|address| format!("{address}:{port}"));
                claim(
                    "host",
                    name.map(Name::exact),
                    "",
                    "address",
                    Severity::Warning,
                );
                continue;
            }
            // A record of this environment alone; of its hosts each is claimed.
            Spec::Swarm(_) | Spec::Instance(_) | Spec::Target(_) => continue,
        };
        let values_of = |key: &str| text(values, key);
        if let Some(identity) = nature(node.address.kind).identity {
            let within = match identity.within {
                Within::World => "",
                Within::Account => &account,
                Within::Region => &region,
            };
            let name = (identity.name)(&values_of);
            let severity = severity(declaration, node, name.as_ref());
            claim(
                node.address.kind.noun(),
                name,
                within,
                identity.key,
                severity,
            );
        }
        // What a container writes into is made where it is not there, and belongs to whoever names it.
        let containers = values.get("containers").and_then(Value::as_object);
        for container in containers.into_iter().flat_map(Map::values) {
            let container = container.as_object();
            let group = container.and_then(|fields| text(fields, "log_group"));
            let group = group.map(Name::exact);
            claim("log group", group, &region, "containers", Severity::Warning);
        }
    }
    claims
}

/// How grave it is that another environment has the same thing.
fn severity(declaration: &Declaration, node: &Node, name: Option<&Name>) -> Severity {
    let outside =
        || name.is_some_and(|name| !Path::new(&name.shown).starts_with(&declaration.root));
    match node.address.kind.realm() {
        // One's own key pair, which neither environment made, may well serve both.
        Realm::Local if outside() => Severity::Warning,
        Realm::Local
        | Realm::Aws
        | Realm::Host
        | Realm::Swarm
        | Realm::Instance
        | Realm::Registry => Severity::Error,
    }
}
