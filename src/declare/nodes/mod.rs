//! Turns what was declared into nodes: each with the values its kind is read from, and with what it needs.

mod acme;
mod arns;
mod certificates;
mod cross_stack;
mod draft;
mod duplicates;
mod ecs;
mod env;
mod files;
mod filled;
mod given;
mod hosts;
mod iam;
mod instances;
mod literal;
mod parameters_file;
mod references;
mod secrets;
mod sources;
mod sshd_users;
mod stacks;
mod swarms;
mod targets;
mod variables;

use std::collections::BTreeMap;

use serde_json::json;

use super::{AwsSettings, BackendSettings, Declaration, Environment, examined::Examined, secrecy};
use crate::graph::Graph;
use crate::model::private::MEMORY;
use crate::model::{Address, Diagnostic, Map, Origin, Place, Severity, Value};
use crate::vars::{Scope, Secrecy, Secrets};
use draft::Draft;
use given::path_of;

pub use given::Given;

/// Makes the nodes, and checks everything that one part of the file says about another. Of a file that has faults, the
/// declaration has what is whole.
pub fn examine(given: Given<'_>, environment: &Environment) -> Examined {
    let mut draft = Draft::new(&given, environment);
    env::layers(&mut draft);
    draft.scope = scope(&draft);
    hosts::keys(&mut draft);
    certificates::certificates(&mut draft);
    iam::roles(&mut draft);
    secrets::bucket_and_objects(&mut draft);
    stacks::stacks(&mut draft);
    ecs::tasks(&mut draft);
    ecs::services(&mut draft);
    ecs::jobs(&mut draft);
    hosts::hosts(&mut draft);
    swarms::swarms(&mut draft);
    instances::instances(&mut draft);
    targets::targets(&mut draft);
    references::check(&mut draft);
    filled::check(&mut draft);
    references::needs(&mut draft);
    duplicates::check(&mut draft);
    account(&mut draft);
    finished(draft)
}

/// What was declared, and what is wrong with it.
fn finished(mut draft: Draft<'_>) -> Examined {
    let (given, environment) = (draft.given, draft.environment);
    let backend = backend(&mut draft);
    let Draft {
        scope,
        secrets,
        mut nodes,
        mut found,
        exposed,
        readable,
        ..
    } = draft;
    nodes.retain(|node| !given.faults.touch(&path_of(&node.address)));
    nodes.sort_by_key(|node| (node.address.kind, node.at.clone()));
    let nodes = match Graph::new(nodes.clone()) {
        Ok(graph) => graph.nodes().to_vec(),
        Err(cycle) => {
            found.extend(cycle_mistakes(given, &cycle.addresses));
            nodes
        }
    };
    secrecy::hide(&mut found, given.source, &exposed);
    let wrong = found.iter().any(|one| one.severity == Severity::Error);
    let (mistakes, warnings) = if wrong {
        (found, Vec::new())
    } else {
        (Vec::new(), found)
    };
    Examined {
        declared: Some(Declaration {
            scope,
            secrets,
            nodes,
            vars_at: vars_at(given, environment),
            warnings,
            ..bare(given, environment, backend)
        }),
        mistakes,
        playbooks: readable,
    }
}

/// Where each variable of each host is written.
fn vars_at(given: &Given<'_>, environment: &Environment) -> BTreeMap<(String, String), Origin> {
    let hosts = environment.hosts.iter();
    let places = hosts.flat_map(|(host, declared)| {
        declared.vars.keys().map(move |variable| {
            let range = given.tree.key_range(&["hosts", host, "vars", variable]);
            let at = given.source.origin(range.start);
            ((host.clone(), variable.clone()), at)
        })
    });
    places.collect()
}

/// Reads where the memory is kept, and nothing else.
pub fn memory(given: Given<'_>, environment: &Environment) -> Result<Declaration, Vec<Diagnostic>> {
    let mut draft = Draft::new(&given, environment);
    let backend = backend(&mut draft);
    if draft.found.is_empty() {
        return Ok(bare(&given, environment, backend));
    }
    secrecy::hide(&mut draft.found, given.source, &draft.exposed);
    Err(draft.found)
}

/// A declaration of nothing.
fn bare(given: &Given<'_>, environment: &Environment, backend: BackendSettings) -> Declaration {
    Declaration {
        project: environment.project.clone(),
        name: given.name.to_owned(),
        root: given.root.to_owned(),
        file: given.source.clone(),
        aws: environment.aws.as_ref().map(|aws| AwsSettings {
            region: aws.region.clone(),
            account: aws.account.clone(),
            profile: aws.profile.clone(),
        }),
        backend,
        scope: Scope::new(),
        secrets: Vec::new(),
        targets: environment.targets.keys().cloned().collect(),
        nodes: Vec::new(),
        vars_at: BTreeMap::new(),
        warnings: Vec::new(),
    }
}

/// What templates may refer to before anything is made.
fn scope(draft: &Draft<'_>) -> Scope {
    let environment = draft.environment;
    let mut facts = Map::from_iter([
        (
            "project".to_owned(),
            Value::from(environment.project.as_str()),
        ),
        ("environment".to_owned(), Value::from(draft.given.name)),
        ("env".to_owned(), Value::Object(draft.env.clone())),
    ]);
    if let Some(aws) = &environment.aws {
        let aws = json!({ "region": aws.region, "account": aws.account });
        facts.insert("aws".to_owned(), aws);
    }
    let vars = Value::Object(environment.vars.clone());
    let secret = Secrecy::of_parts(draft.secret.clone());
    Scope::new()
        .facts(facts)
        .secrets(Secrets::from([("env".to_owned(), secret)]))
        .layer(Map::from_iter([("vars".to_owned(), vars)]))
}

/// Something in AWS needs a region.
fn account(draft: &mut Draft<'_>) {
    if draft.environment.aws.is_some() || draft.given.faults.touch(&["aws"]) {
        return;
    }
    let backend = draft.environment.backend.as_ref();
    let bucket = backend
        .filter(|backend| backend.path.is_none())
        .and_then(|backend| backend.s3.as_ref())
        .map(|bucket| {
            let span = draft.value(&["backend", "s3"]);
            (format!("the bucket `{bucket}` is in AWS"), span)
        });
    let thing = draft
        .nodes
        .iter()
        .find(|node| matches!(node.place, Place::Aws | Place::Instance(_)));
    let thing = thing.map(|node| &node.address).map(|address| {
        let span = draft.key(&path_of(address));
        let label = format!("the {} `{address}` is in AWS", address.kind.noun());
        (label, span)
    });
    if let Some((label, span)) = bucket.or(thing) {
        draft.found.push(
            Diagnostic::error("the AWS account is not declared", label, span)
                .help("add:\n[aws]\nregion = \"eu-west-1\"\naccount = \"123456789012\""),
        );
    }
}

fn backend(draft: &mut Draft<'_>) -> BackendSettings {
    if let Some(path) = &draft.given.overrides.backend {
        return BackendSettings::Folder { path: path.clone() };
    }
    let backend = draft.environment.backend.clone();
    let (path, bucket, prefix) = backend.map_or((None, None, None), |b| (b.path, b.s3, b.prefix));
    match (path, bucket) {
        (Some(_), Some(_)) => draft.error(
            "two backends are declared",
            "this says where it is kept as well",
            &["backend", "s3"],
            "keep `path` or `s3`, not both",
        ),
        (_, None) if prefix.is_some() && !draft.given.faults.touch(&["backend", "s3"]) => draft
            .error(
                "the prefix belongs to no bucket",
                "a folder has no prefix",
                &["backend", "prefix"],
                "add `s3`, or put the prefix into `path`",
            ),
        (None, Some(bucket)) => {
            return BackendSettings::S3 {
                bucket,
                // Else two projects with environments of one name would share a memory in one bucket.
                prefix: prefix.unwrap_or_else(|| draft.environment.project.clone()),
            };
        }
        (Some(path), None) => {
            return BackendSettings::Folder {
                path: files::resolve(draft.given.root, &path).into(),
            };
        }
        _ => {}
    }
    BackendSettings::Folder {
        path: draft.given.root.join(MEMORY),
    }
}

/// The mistake of things that need each other, shown at each of them.
fn cycle_mistakes(given: &Given<'_>, addresses: &[Address]) -> Vec<Diagnostic> {
    addresses
        .iter()
        .enumerate()
        .map(|(position, address)| {
            let next = &addresses[(position + 1) % addresses.len()];
            let range = given.tree.key_range(&path_of(address));
            Diagnostic::error(
                "these need each other in a ring",
                format!("`{address}` needs `{next}`"),
                given.source.span(range),
            )
        })
        .collect()
}
