//! What a walk over an environment stands on, and what its nodes tell each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::{record::Record, undecided::Undecided};
use crate::model::{
    Address, Attribute, Attributes, Events, Failure, Kind, Login, Map, Node, Place, Redactor,
    Value, World, Worlds,
};
use crate::observe::Remembered;
use crate::play::Library;
use crate::resource::nature;
use crate::vars::{RenderError, Rendered, Renderer, Scope, Secrecy, Secrets};

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
    pub remembered: BTreeMap<Address, Record>,
    /// The digests that the ledger has of things ([`Extra::Digest`](crate::resource::nature::Extra::Digest)).
    pub digests: BTreeMap<Address, String>,
    /// Names that were typed, so that what holds data may be taken away.
    pub typed: Vec<String>,
    /// The hosts that were said to be gone for good.
    pub gone: Vec<String>,
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

    /// A host as root, without its memory: for what speaks to the engine or the agents there, which take orders from root
    /// alone. Fails as [`Worlds::open`].
    pub async fn as_root(&self, host: &str, login: &Login) -> Result<Arc<dyn World>, Failure> {
        let login = login.clone().within(&self.root);
        let place = Place::Host(host.to_owned());
        let world = self.open(&place, Some(&login)).await?.unremembered();
        Ok(match login.user.as_str() {
            "root" => world,
            _ => world.as_user("root"),
        })
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
            () = self.stop.cancelled() => Err(Self::interrupted(node)),
            answered = asking => answered,
        }
    }

    /// The failure of a node that is not begun any further.
    pub fn interrupted(node: &Node) -> Failure {
        Failure::interrupted(format!("{} was not changed any more", node.address))
            .left_behind("What was done before stays; it is in the ledger.")
            .help("Run it again to go on.")
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
    /// Undecided when something in it is known only after another node was applied, and, with the node's place, when a
    /// template is wrong.
    pub fn render(&self, values: &Map, node: &Node) -> Result<Map, Undecided> {
        Ok(self.rendered(values, node)?.0)
    }

    /// As [`Site::render`], with what hides the texts that were made from secrets in it, and the fields that have them.
    pub fn rendered(&self, values: &Map, node: &Node) -> Result<(Map, Redactor), Undecided> {
        let scope = self.scope(node);
        let values = Value::Object(values.clone());
        match self.renderer.rendered(&values, &scope) {
            Ok(Rendered {
                value: Some(Value::Object(map)),
                secrecy,
                made,
                ..
            }) => {
                let redactor = if made.is_empty() && secrecy.is_open() {
                    self.redactor.clone()
                } else {
                    self.redactor.also_hiding_fields(&made, secrecy.paths())
                };
                Ok((map, redactor))
            }
            Ok(_) => Err(Failure::bug("a mapping was rendered to something else").into()),
            Err(wrong) => Err(self.undecided(wrong, node)),
        }
    }

    /// What a template that could not be filled in says of the node: it waits for another one, or it is wrong.
    pub fn undecided(&self, error: RenderError, node: &Node) -> Undecided {
        match error {
            RenderError::Unknown(address) => Undecided::Until(address),
            wrong => Undecided::Failed(wrong.failure(&node.at)),
        }
    }

    /// Notes of all that a thing would give that it is not known.
    pub fn give_nothing(&self, address: &Address) {
        let names = nature(address.kind).attributes.iter();
        let attributes = names
            .map(|name| ((*name).to_owned(), Attribute::AfterApply))
            .collect();
        self.outputs.give(address, attributes, true, Map::new());
    }

    /// The names that a node's templates may use: the declaration's, and what the nodes before it gave.
    pub fn scope(&self, node: &Node) -> Scope {
        let outputs = lock(&self.outputs.0);
        let mut known = Map::new();
        let mut secret = Secrets::new();
        let mut unknown = Vec::new();
        for (address, given) in outputs
            .iter()
            .filter(|(address, _)| **address != node.address)
        {
            for (name, attribute) in &given.attributes {
                let path = path(address, name);
                match attribute {
                    Attribute::Known(value) => put(&mut known, &path, value.clone()),
                    Attribute::Secret(value) => {
                        put(&mut known, &path, Value::from(value.expose()));
                        hide(&mut secret, &path);
                    }
                    Attribute::AfterApply => unknown.push((path.join("."), address.clone())),
                }
            }
            if given.pending
                && let Some(open) = nature(address.kind).open
            {
                // What it will have there is the thing's own to say, so none of it is known.
                unknown.push((path(address, open).join("."), address.clone()));
            }
        }
        let scope = self.scope.facts(known).secrets(secret);
        unknown.into_iter().fold(scope, |scope, (path, address)| {
            scope.unknown(&path, address)
        })
    }
}

/// Which files of key pairs are the environment's, whatever the ledger says.
#[derive(Debug, Default)]
pub struct OwnKeys {
    /// The folders in which pairs and certificates are made.
    pub folders: Vec<PathBuf>,
    /// The files that are declared, wherever they lie.
    pub declared: BTreeSet<String>,
}

impl OwnKeys {
    /// Whether this file is one of them.
    pub fn have(&self, file: &str) -> bool {
        let within = |folder: &PathBuf| {
            let below = Path::new(file).strip_prefix(folder);
            below.is_ok_and(|below| {
                matches!(
                    below.components().collect::<Vec<_>>()[..],
                    [Component::Normal(_)]
                )
            })
        };
        self.declared.contains(file) || self.folders.iter().any(within)
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

    /// Undecided while one of these would change and was not changed.
    pub fn settled(&self, needs: &BTreeSet<Address>) -> Result<(), Undecided> {
        let given = lock(&self.0);
        let pending = |need: &&Address| given.get(*need).is_some_and(|given| given.pending);
        match needs.iter().find(pending) {
            Some(after) => Err(Undecided::Until(after.clone())),
            None => Ok(()),
        }
    }

    /// A variable as it stood when a host's playbook had ended.
    pub fn var(&self, address: &Address, name: &str) -> Option<Value> {
        lock(&self.0).get(address)?.vars.get(name).cloned()
    }

    /// An output that is known and may be shown.
    pub fn known(&self, address: &Address, name: &str) -> Option<Value> {
        match lock(&self.0).get(address)?.attributes.get(name)? {
            Attribute::Known(value) => Some(value.clone()),
            Attribute::Secret(_) | Attribute::AfterApply => None,
        }
    }
}

/// The path by which a template names an output. What has no name of its own goes by its section alone.
fn path(address: &Address, attribute: &str) -> Vec<String> {
    let section = address.kind.section().split('.').map(str::to_owned);
    if address.name.is_empty() {
        return section.collect();
    }
    section
        .chain([address.name.clone()])
        .chain(attribute.split('.').map(str::to_owned))
        .collect()
}

/// Marks what lies at this path as secret.
fn hide(secrets: &mut Secrets, path: &[String]) {
    let [name, rest @ ..] = path else { return };
    let secrecy = secrets.remove(name).unwrap_or_default();
    secrets.insert(name.clone(), hidden(secrecy, rest));
}

fn hidden(secrecy: Secrecy, path: &[String]) -> Secrecy {
    let [step, rest @ ..] = path else {
        return Secrecy::Secret;
    };
    let inner = hidden(secrecy.part(step), rest);
    secrecy.with(step, inner)
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
