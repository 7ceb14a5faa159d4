//! What a walk over an environment stands on, and what its nodes tell each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::{Kept, visit::interrupted};
use crate::model::{
    Address, Attribute, Attributes, Events, Failure, Kind, Login, Map, Node, Place, Redactor,
    Value, Worlds,
};
use crate::observe::Remembered;
use crate::play::Library;
use crate::vars::{RenderError, Rendered, Renderer, Scope};

/// Everything a walk stands on.
pub struct Site {
    /// The project's name.
    pub project: String,
    /// The environment's name.
    pub environment: String,
    /// The project's root, which paths are remembered from: it lies elsewhere on another machine.
    pub root: PathBuf,
    /// The region of its AWS account; empty when nothing in AWS is declared.
    pub region: String,
    /// The names that the declaration's templates may use, without what nodes give.
    pub scope: Scope,
    /// Renders them.
    pub renderer: Renderer,
    /// Takes the environment's secrets out of what is shown.
    pub redactor: Redactor,
    /// Reads the task files that playbooks include.
    pub library: Arc<dyn Library>,
    /// What the ledger had of each thing when the run began.
    pub remembered: BTreeMap<Address, Kept>,
    /// The digests with which one-off tasks last ran well.
    pub ran: BTreeMap<Address, String>,
    /// Names that were typed, so that what holds data may be taken away.
    pub typed: Vec<String>,
    /// The key pairs that may be taken away.
    pub own_keys: OwnKeys,
    /// Where everything is told.
    pub events: Events,
    /// Cancelled when nothing new is to be begun.
    pub stop: CancellationToken,
    /// Opens places.
    pub worlds: Arc<dyn Worlds>,
    /// What was opened, with all that was asked there.
    pub places: Places,
    /// What nodes gave.
    pub outputs: Outputs,
    /// Which section declares which thing.
    pub declared: Declared,
}

impl Site {
    /// A place with its memory, opened once a run. Fails as [`Worlds::open`].
    pub async fn open(&self, place: &Place, login: Option<&Login>) -> Result<Remembered, Failure> {
        let cell = lock(&self.places.0)
            .entry(place.clone())
            .or_default()
            .clone();
        let opened = cell.get_or_try_init(|| async {
            self.worlds.open(place, login).await.map(Remembered::new)
        });
        opened.await.cloned()
    }

    /// What a question gives, unless the run is asked to end first: then nobody needs the answer any more. Never for
    /// what acts, which is waited for.
    pub async fn unless_stopped<T>(
        &self,
        node: &Node,
        asking: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(interrupted(node)),
            answered = asking => answered,
        }
    }

    /// Forgets every answer and output, so that the next walk sees the world as it is then. Connections stay.
    pub fn look_again(&self) {
        for place in lock(&self.places.0).values().filter_map(|cell| cell.get()) {
            place.forget_all();
        }
        lock(&self.outputs.0).clear();
        lock(&self.declared.0).clear();
    }

    /// A mapping of the declaration with its templates filled in.
    ///
    /// Gives the address when something in it is known only after that was applied; fails with the node's place
    /// when a template is wrong.
    pub fn render(&self, values: &Map, node: &Node) -> Result<Result<Map, Address>, Failure> {
        Ok(self.rendered(values, node)?.map(|(values, _)| values))
    }

    /// As [`Site::render`], with what hides the texts that were made from secrets in it, and the fields that have them.
    pub fn rendered(
        &self,
        values: &Map,
        node: &Node,
    ) -> Result<Result<(Map, Redactor), Address>, Failure> {
        let scope = self.scope(node);
        let values = Value::Object(values.clone());
        match self.renderer.rendered(&values, &scope) {
            Ok(Rendered {
                value: Some(Value::Object(map)),
                secrecy,
                made,
                ..
            }) => {
                let redactor = match made.is_empty() && secrecy.is_open() {
                    true => self.redactor.clone(),
                    false => self.redactor.beside_fields(&made, secrecy.paths()),
                };
                Ok(Ok((map, redactor)))
            }
            Ok(_) => Err(Failure::bug("a mapping was rendered to something else")),
            Err(RenderError::Unknown(address)) => Ok(Err(address)),
            Err(wrong) => Err(wrong.failure(&node.at)),
        }
    }

    /// The names that a node's templates may use: the declaration's, and what the nodes before it gave.
    pub fn scope(&self, node: &Node) -> Scope {
        let outputs = lock(&self.outputs.0);
        let mut known = Map::new();
        let mut unknown = Vec::new();
        for (address, given) in outputs
            .iter()
            .filter(|(address, _)| **address != node.address)
        {
            for (name, attribute) in &given.attributes {
                match attribute {
                    Attribute::Known(value) => put(&mut known, &path(address, name), value.clone()),
                    Attribute::AfterApply => {
                        unknown.push((path(address, name).join("."), address.clone()))
                    }
                }
            }
            if given.pending && address.kind == Kind::Stack {
                // Which outputs a stack will have is CloudFormation's to say, so none of them is known.
                unknown.push((path(address, "outputs").join("."), address.clone()));
            }
        }
        unknown
            .into_iter()
            .fold(self.scope.facts(known), |scope, (path, address)| {
                scope.unknown(&path, address)
            })
    }
}

/// Which files of key pairs are the environment's, whatever the ledger says.
#[derive(Debug, Default)]
pub struct OwnKeys {
    /// The folder in which pairs are made.
    pub folder: PathBuf,
    /// The files that are declared, wherever they lie.
    pub declared: BTreeSet<String>,
}

impl OwnKeys {
    /// Whether this file is one of them.
    pub fn have(&self, file: &str) -> bool {
        self.declared.contains(file)
            || Path::new(file)
                .strip_prefix(&self.folder)
                .is_ok_and(|below| {
                    matches!(
                        below.components().collect::<Vec<_>>()[..],
                        [Component::Normal(_)]
                    )
                })
    }
}

/// The places that were opened.
#[derive(Default)]
pub struct Places(Mutex<BTreeMap<Place, Arc<OnceCell<Remembered>>>>);

/// What the nodes of a walk gave so far.
#[derive(Debug, Default)]
pub struct Outputs(Mutex<BTreeMap<Address, Given>>);

/// The things that the nodes of a walk declare, by what the world calls them.
#[derive(Debug, Default)]
pub struct Declared(Mutex<BTreeMap<(Kind, String), Address>>);

impl Declared {
    /// Notes that a section declares this thing; gives the section that does already.
    pub fn enter(&self, kind: Kind, name: String, address: &Address) -> Address {
        lock(&self.0)
            .entry((kind, name))
            .or_insert_with(|| address.clone())
            .clone()
    }

    /// The section that declares this thing.
    pub fn get(&self, kind: Kind, name: &str) -> Option<Address> {
        lock(&self.0).get(&(kind, name.to_owned())).cloned()
    }
}

#[derive(Debug)]
struct Given {
    attributes: Attributes,
    pending: bool,
    vars: Map,
}

impl Outputs {
    /// Notes what a node gave: `pending` says that it would change and was not changed.
    pub fn give(&self, address: &Address, attributes: Attributes, pending: bool, vars: Map) {
        lock(&self.0).insert(
            address.clone(),
            Given {
                attributes,
                pending,
                vars,
            },
        );
    }

    /// Whether a node would change and was not changed.
    pub fn is_pending(&self, address: &Address) -> bool {
        lock(&self.0)
            .get(address)
            .is_some_and(|given| given.pending)
    }

    /// A variable as it stood when a host's playbook had ended.
    pub fn var(&self, address: &Address, name: &str) -> Option<Value> {
        lock(&self.0).get(address)?.vars.get(name).cloned()
    }

    /// An output that is known.
    pub fn known(&self, address: &Address, name: &str) -> Option<Value> {
        match lock(&self.0).get(address)?.attributes.get(name)? {
            Attribute::Known(value) => Some(value.clone()),
            Attribute::AfterApply => None,
        }
    }
}

/// The path by which a template names an output.
fn path(address: &Address, attribute: &str) -> Vec<String> {
    let mut path: Vec<String> = match address.kind {
        // There is one bucket, and it goes by its name alone.
        Kind::Bucket if attribute == "name" => {
            return vec!["secrets".to_owned(), "bucket".to_owned()];
        }
        Kind::Bucket => vec!["secrets".to_owned()],
        kind => vec![kind.section().to_owned(), address.name.clone()],
    };
    path.extend(attribute.split('.').map(str::to_owned));
    path
}

fn put(map: &mut Map, path: &[String], value: Value) {
    let [first, rest @ ..] = path else { return };
    if rest.is_empty() {
        map.insert(first.clone(), value);
        return;
    }
    let inner = map
        .entry(first.clone())
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere leaves a map that is still whole: entries are put in one step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
