//! What the texts of an environment refer to by `{{ … }}`: whether it is there, and what must come first because of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::draft::Draft;
use crate::declare::document::{Text, Tree};
use crate::model::{Address, Diagnostic, Kind, Map, Span, Spec, Value, meant};
use crate::resource::nature;
use crate::vars::Reference;

/// The names that are ours beside the sections of kinds.
const OURS: [&str; 6] = ["aws", "env", "environment", "project", "secrets", "vars"];

/// The kinds whose things templates refer to, by the section as the first name.
fn referred() -> impl Iterator<Item = Kind> {
    let by_section = |kind: &Kind| !kind.section().contains('.');
    let kinds = Kind::ALL.iter().copied().filter(by_section);
    kinds.filter(|kind| !nature(*kind).attributes.is_empty())
}

/// The first names that are ours; in a host's variables every other belongs to the playbook.
static ROOTS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut roots: Vec<&str> = OURS
        .into_iter()
        .chain(referred().map(Kind::section))
        .collect();
    roots.sort_unstable();
    roots
});

/// Notes every template that cannot be read and every reference to what is not there.
pub fn check(draft: &mut Draft<'_>) {
    let tree: &Tree = draft.given.tree;
    for Text { path, text, range } in tree.texts() {
        let of_host = path.len() > 3 && path[0] == "hosts" && path[2] == "vars";
        let whole = draft.span(range);
        match draft.renderer.references(text) {
            Err(error) => draft.found.push(Diagnostic::error(
                "this template cannot be read",
                without_place(&error.to_string()),
                whole,
            )),
            Ok(references) => {
                for reference in references {
                    let known = ROOTS.contains(&reference.parts[0].as_str());
                    if (known || !of_host)
                        && !is_excused(draft, &reference.parts)
                        && let Err((label, help)) = meaning(draft, &reference.parts)
                    {
                        let at = within(&whole, text, &reference);
                        let mistake =
                            Diagnostic::error("this refers to nothing that is declared", label, at);
                        draft.found.push(mistake.help(help));
                    }
                }
            }
        }
    }
}

/// Whether a reference leads to what is faulty, or to a value of a file that could not be read: that was told.
fn is_excused(draft: &Draft<'_>, parts: &[String]) -> bool {
    let path: Vec<&str> = parts.iter().map(String::as_str).collect();
    draft.given.faults.cover(&path) || (parts[0] == "env" && draft.env_unread)
}

/// Adds to each node what its values refer to.
pub fn needs(draft: &mut Draft<'_>) {
    let mut nodes = std::mem::take(&mut draft.nodes);
    for node in &mut nodes {
        let mut referred = Referred {
            draft,
            needs: BTreeSet::new(),
            seen: BTreeSet::new(),
        };
        match &node.spec {
            Spec::Resource(values)
            | Spec::Swarm(values)
            | Spec::Instance(values)
            | Spec::Target(values) => {
                values.values().for_each(|value| referred.value(value));
            }
            Spec::Host { login, vars, .. } => {
                let values = login.values().chain(vars.values());
                values.for_each(|value| referred.value(value));
            }
        }
        let mut needs = referred.needs;
        // A role and an object name their bucket, and a role may be there first.
        if node.address.kind == Kind::Role {
            needs.remove(&Address::bucket());
        }
        // Whoever is told of the bucket reads its objects.
        let told = !matches!(node.address.kind, Kind::Role | Kind::Bucket | Kind::Object);
        if told && (needs.contains(&Address::bucket()) || node.needs.contains(&Address::bucket())) {
            let secrets = draft.environment.secrets.as_ref();
            let keys = secrets
                .into_iter()
                .flat_map(|secrets| secrets.objects.keys());
            needs.extend(keys.map(|key| Address::new(Kind::Object, key)));
        }
        node.needs.append(&mut needs);
    }
    draft.nodes = nodes;
}

/// The addresses that values refer to, directly and by way of `vars`.
struct Referred<'d, 'a> {
    draft: &'d Draft<'a>,
    needs: BTreeSet<Address>,
    seen: BTreeSet<String>,
}

impl Referred<'_, '_> {
    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                // A text that is no template was noted by the check.
                for reference in self.draft.renderer.references(text).unwrap_or_default() {
                    self.reference(&reference.parts);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(map) => map.values().for_each(|item| self.value(item)),
            _ => {}
        }
    }

    fn reference(&mut self, parts: &[String]) {
        if let Ok(meaning) = meaning(self.draft, parts) {
            match meaning {
                Meaning::Thing(address) => drop(self.needs.insert(address)),
                Meaning::Variable(name) => {
                    if self.seen.insert(name.clone())
                        && let Some(value) = self.draft.environment.vars.get(&name)
                    {
                        self.value(value);
                    }
                }
                Meaning::Known => {}
            }
        }
    }
}

/// What a reference leads to.
enum Meaning {
    /// A declared thing.
    Thing(Address),
    /// A variable of `[vars]`.
    Variable(String),
    /// Something that is known before anything is made.
    Known,
}

/// What is wrong, and what to write.
type Wrong = (String, String);

fn meaning(draft: &Draft<'_>, parts: &[String]) -> Result<Meaning, Wrong> {
    let (root, rest) = (parts[0].as_str(), &parts[1..]);
    let environment = draft.environment;
    let told = draft.found.len();
    let one_of = |names: &dyn Names| one_of(root, rest, names, told);
    let kind = match root {
        "project" | "environment" => return Ok(Meaning::Known),
        "aws" => {
            let aws = environment.aws.as_ref();
            let account = aws.and_then(|aws| aws.account.as_ref());
            let names = [aws.map(|_| "region"), account.map(|_| "account")];
            let names: Vec<&str> = names.into_iter().flatten().collect();
            return one_of(&names).map(|_| Meaning::Known);
        }
        "env" => {
            return one_of(&draft.env).map(|_| Meaning::Known);
        }
        "vars" => {
            let name = one_of(&environment.vars)?;
            return Ok(Meaning::Variable(name.to_owned()));
        }
        "secrets" => {
            let bucket = environment.secrets.as_ref().and_then(|s| s.bucket.as_ref());
            let names: Vec<&str> = bucket.map(|_| "bucket").into_iter().collect();
            return one_of(&names).map(|_| Meaning::Thing(Address::bucket()));
        }
        _ => match referred().find(|kind| kind.section() == root) {
            Some(kind) => kind,
            None => {
                let roots = ROOTS.iter().copied();
                let help = meant::advice(root, roots, draft.found.len(), "one can refer to");
                return Err((format!("there is no `{root}`"), help));
            }
        },
    };
    let name = one_of(declared(draft, kind))?;
    attributes(draft, kind, &format!("{root}.{name}"), name, &rest[1..])?;
    Ok(Meaning::Thing(Address::new(kind, name)))
}

/// Names that a reference may go on with.
trait Names {
    /// Whether this is one of them.
    fn have(&self, name: &str) -> bool;
    /// All of them.
    fn all(&self) -> Vec<&str>;
}

impl<V> Names for BTreeMap<String, V> {
    fn have(&self, name: &str) -> bool {
        self.contains_key(name)
    }

    fn all(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}

impl Names for Map {
    fn have(&self, name: &str) -> bool {
        self.contains_key(name)
    }

    fn all(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}

impl Names for BTreeSet<String> {
    fn have(&self, name: &str) -> bool {
        self.contains(name)
    }

    fn all(&self) -> Vec<&str> {
        self.iter().map(String::as_str).collect()
    }
}

impl Names for Vec<&str> {
    fn have(&self, name: &str) -> bool {
        self.contains(&name)
    }

    fn all(&self) -> Vec<&str> {
        self.clone()
    }
}

/// The names of a section.
fn declared<'d>(draft: &'d Draft<'_>, kind: Kind) -> &'d dyn Names {
    const NONE: &Vec<&str> = &Vec::new();
    let environment = draft.environment;
    match kind {
        Kind::Key => &environment.keys,
        Kind::Certificate => &environment.certificates,
        Kind::Role => &environment.roles,
        Kind::Stack => &environment.stacks,
        Kind::TaskDefinition => &environment.tasks,
        Kind::Service => &environment.services,
        Kind::Host => &environment.hosts,
        Kind::Bucket | Kind::Object | Kind::Job | Kind::Swarm | Kind::Instance | Kind::Target => {
            NONE
        }
    }
}

/// The first part of `rest`, if it is one of the names. `told` mistakes were found before.
fn one_of<'r>(
    root: &str,
    rest: &'r [String],
    names: &dyn Names,
    told: usize,
) -> Result<&'r str, Wrong> {
    let name = rest.first().map_or("", String::as_str);
    if names.have(name) {
        return Ok(name);
    }
    let names = names.all();
    let dashed = names.iter().find(|known| {
        let behind = known.strip_prefix(name).filter(|_| !name.is_empty());
        behind.is_some_and(|behind| behind.starts_with(['-', '.']))
    });
    let help = match dashed {
        Some(dashed) => format!("this name is written `{root}['{dashed}']`"),
        None if names.is_empty() => format!("nothing is declared for `{root}`"),
        None => meant::advice(name, names, told, "there are"),
    };
    if name.is_empty() {
        return Err((format!("`{root}` alone has no value"), help));
    }
    Err((format!("`{root}` has no `{name}`"), help))
}

/// Refuses an attribute that a thing of this kind does not have.
fn attributes(
    draft: &Draft<'_>,
    kind: Kind,
    whole: &str,
    name: &str,
    rest: &[String],
) -> Result<(), Wrong> {
    let told = draft.found.len();
    let nature = nature(kind);
    if let Some(open) = nature
        .open
        .filter(|open| rest.first().is_some_and(|first| first == open))
    {
        return match draft.templates.get(name) {
            Some(template) if !template.transformed || rest.len() == 1 => {
                let root = format!("{whole}.{open}");
                one_of(&root, &rest[1..], &template.outputs, told).map(drop)
            }
            // A template that could not be read is a mistake of its own; what macros add is known to AWS only.
            _ => Ok(()),
        };
    }
    let without_profile = kind == Kind::Role && !draft.environment.roles[name].instance_profile;
    let ordered = kind == Kind::Certificate && environment_orders(draft, name);
    let given = |attribute: &&str| match (kind, *attribute) {
        (Kind::Certificate, "domains") => true,
        (Kind::Certificate, "authorities" | "preflight") => ordered,
        (Kind::Certificate, _) => !ordered,
        (_, "instance_profile") => !without_profile,
        _ => true,
    };
    let names: Vec<&str> = nature.attributes.iter().copied().filter(given).collect();
    one_of(whole, rest, &names, told).map(drop)
}

/// Whether a host orders this certificate, so that its texts are nowhere but there.
fn environment_orders(draft: &Draft<'_>, name: &str) -> bool {
    let certificate = draft.environment.certificates.get(name);
    certificate.is_some_and(|one| one.acme.is_some()) && draft.given.overrides.keys.is_none()
}

/// Where a reference stands in the file; the whole text when the file writes it with escapes.
fn within(whole: &Span, text: &str, reference: &Reference) -> Span {
    let written = whole
        .source
        .text
        .get(whole.range.clone())
        .unwrap_or_default();
    match written.find(text) {
        Some(offset) => {
            let start = whole.range.start + offset;
            whole
                .source
                .span(start + reference.range.start..start + reference.range.end)
        }
        None => whole.clone(),
    }
}

/// The engine's word without its own notion of where: a text has one place, and that is shown.
fn without_place(error: &str) -> &str {
    error.split(" (in ").next().unwrap_or(error)
}
