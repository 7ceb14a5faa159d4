//! What is known so far while nodes are made.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    ops::Range,
    sync::Arc,
};

use super::given::{Given, path_of};
use crate::declare::{Environment, environment::shape::Shape, template::Template};
use crate::model::playbook::{Base, Playbook};
use crate::model::{
    Address, Diagnostic, Kind, Map, Node, Place, Secret, Severity, Span, Spec, Value, meant,
};
use crate::vars::{Renderer, Scope, Secrets};

/// Nodes and mistakes, as far as they are known.
pub struct Draft<'a> {
    /// Where the declaration comes from.
    pub given: &'a Given<'a>,
    /// Its typed values.
    pub environment: &'a Environment,
    /// Reads what templates refer to.
    pub renderer: Renderer,
    /// The values of the dotenv files.
    pub env: Map,
    /// What templates may refer to before anything is made, once those files were read.
    pub scope: Scope,
    /// Whether one of those files could not be read, so that there may be more values.
    pub env_unread: bool,
    /// Those values of them that must never be shown.
    pub secrets: Vec<Secret>,
    /// Which values of dotenv files are secret.
    pub secret: Secrets,
    /// The templates of stacks, by the stack's name; those that can be read.
    pub templates: BTreeMap<String, Template>,
    /// The playbooks that hosts name; none for one that cannot be read, which was noted.
    pub playbooks: BTreeMap<String, Option<Arc<Playbook>>>,
    /// Those playbooks as far as they can be read, mistakes in them or not.
    pub readable: Vec<Arc<Playbook>>,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// Mistakes and warnings.
    pub found: Vec<Diagnostic>,
    /// Where the file has secrets in clear text, which no message may show.
    pub exposed: Vec<Range<usize>>,
}

impl<'a> Draft<'a> {
    /// Nothing is known yet.
    pub fn new(given: &'a Given<'a>, environment: &'a Environment) -> Self {
        Self {
            given,
            environment,
            renderer: Renderer::new(Base::Folder(given.root.to_owned())),
            env: Map::new(),
            scope: Scope::new(),
            env_unread: given.faults.touch(&["secrets", "env"]),
            secrets: Vec::new(),
            secret: Secrets::new(),
            templates: BTreeMap::new(),
            playbooks: BTreeMap::new(),
            readable: Vec::new(),
            nodes: Vec::new(),
            found: Vec::new(),
            exposed: given.secrets.to_vec(),
        }
    }

    /// Adds a thing in AWS, or on this machine, that needs these others whatever it refers to.
    pub fn resource(
        &mut self,
        address: Address,
        values: Value,
        needs: impl IntoIterator<Item = Address>,
    ) {
        let (Some(place), Value::Object(values)) = (address.kind.realm().place(), values) else {
            return;
        };
        self.node(address, place, Spec::Resource(values), needs);
    }

    /// Adds a node.
    pub fn node(
        &mut self,
        address: Address,
        place: Place,
        spec: Spec,
        needs: impl IntoIterator<Item = Address>,
    ) {
        let at = self
            .given
            .source
            .origin(self.given.tree.key_range(&path_of(&address)).start);
        self.nodes.push(Node {
            needs: needs.into_iter().collect::<BTreeSet<_>>(),
            address,
            place,
            spec,
            at,
        });
    }

    /// The tags by which a thing is known as this environment's.
    pub fn owner(&self) -> Value {
        Value::Object(Map::from_iter([
            (
                "project".to_owned(),
                Value::from(self.environment.project.as_str()),
            ),
            ("environment".to_owned(), Value::from(self.given.name)),
        ]))
    }

    /// The name of a thing whose name in AWS was not given: `PROJECT-ENVIRONMENT-NAME`.
    pub fn default_name(&self, name: &str) -> String {
        format!("{}-{}-{name}", self.environment.project, self.given.name)
    }

    /// Notes a name that nobody gave and that AWS would refuse, with the key that gives another.
    pub fn check_default_name(&mut self, name: &str, shape: &Shape, path: [&str; 2], key: &str) {
        if let Some(message) = shape.refuses(name)
            && !self.given.faults.cover(&[path[0], path[1], key])
            && !self.given.faults.cover(&["project"])
        {
            let span = self.key(&path);
            let label = format!("without `{key}` it is called `{name}`");
            let mistake = Diagnostic::error("this name has another shape", label, span);
            let help = format!("add `{key} = \"…\"`: {message}");
            self.found.push(mistake.help(help));
        }
    }

    /// Where the key at the end of this path stands.
    pub fn key(&self, path: &[&str]) -> Span {
        self.span(self.given.tree.key_range(path))
    }

    /// Where the value at the end of this path stands; its key's place when it has none.
    pub fn value(&self, path: &[&str]) -> Span {
        match self.given.tree.at(path) {
            Some(tree) => self.span(tree.range.clone()),
            None => self.key(path),
        }
    }

    /// A stretch of the environment's file.
    pub fn span(&self, range: Range<usize>) -> Span {
        self.given.source.span(range)
    }

    /// Notes a mistake of the value at this path, where nothing is faulty that was told.
    pub fn error(
        &mut self,
        summary: &'static str,
        label: impl Into<String>,
        path: &[&str],
        help: impl Into<String>,
    ) {
        self.note(Severity::Error, summary, label, path, help);
    }

    /// Notes a warning about the secret at this path, which no message shows from then on.
    pub fn warn_of_clear_text(&mut self, label: String, path: &[&str]) {
        let span = self.value(path);
        self.exposed.push(span.range.clone());
        self.found.push(
            Diagnostic::warning("a secret in clear text", label, span)
                .help("keep it in a dotenv file of `secrets.env` and write `{{ env.NAME }}`"),
        );
    }

    /// Notes a warning about the value at this path.
    pub fn warning(
        &mut self,
        summary: &'static str,
        label: impl Into<String>,
        path: &[&str],
        help: impl Into<String>,
    ) {
        self.note(Severity::Warning, summary, label, path, help);
    }

    fn note(
        &mut self,
        severity: Severity,
        summary: &'static str,
        label: impl Into<String>,
        path: &[&str],
        help: impl Into<String>,
    ) {
        if self.given.faults.cover(path) {
            return;
        }
        let help = help.into();
        let note = Diagnostic {
            severity,
            ..Diagnostic::error(summary, label, self.value(path))
        };
        self.found.push(if help.is_empty() {
            note
        } else {
            note.help(help)
        });
    }

    /// Notes what stands in the list at this path twice.
    pub fn each_once<T: PartialEq + Display>(&mut self, path: [&str; 3], list: &[T]) {
        for (position, one) in list.iter().enumerate() {
            if list[..position].contains(one) {
                let position = position.to_string();
                let [section, name, key] = path;
                self.error(
                    "this stands in the list twice",
                    format!("{one} stands before as well"),
                    &[section, name, key, &position],
                    "take one of them out",
                );
            }
        }
    }

    /// Notes that the value at `path` names nothing that is declared as `[section.NAME]`.
    pub fn undeclared<'n>(
        &mut self,
        kind: Kind,
        given: &str,
        path: &[&str],
        names: impl Iterator<Item = &'n str> + Clone,
    ) {
        let mut section: Vec<&str> = kind.section().split('.').collect();
        section.push(given);
        if self.given.faults.cover(&section) {
            return;
        }
        let help = match names.clone().next() {
            None => format!("declare it as {}", Address::new(kind, given).header()),
            Some(_) => meant::advice(given, names, self.found.len(), "declared"),
        };
        self.error(
            "this names nothing that is declared",
            format!("there is no {} `{given}`", kind.noun()),
            path,
            help,
        );
    }
}
