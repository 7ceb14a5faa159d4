//! The names a template may use, in layers.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::Later;
use super::secrecy::{Secrecy, Secrets};
use crate::model::{Address, Map, Value};

/// Names and their values, in layers of which the latest that has a name wins. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    layers: Arc<Vec<Arc<Layer>>>,
}

#[derive(Debug)]
enum Layer {
    /// Written by the user: texts are templates, rendered when they are used.
    Written(Map),
    /// From outside: never templates.
    Facts(Map),
    /// Names of which all or parts are not known yet.
    Unknown(BTreeMap<String, Arc<Later>>),
    /// What of the values of earlier layers from outside is secret.
    Secrets(BTreeMap<String, Arc<Secrecy>>),
}

/// A value that a layer has, or a part of it: shared, not copied.
#[derive(Clone)]
pub(super) struct Part {
    layer: Arc<Layer>,
    path: Vec<Step>,
}

/// One step into a value.
#[derive(Clone)]
enum Step {
    Key(String),
    Item(usize),
}

impl Part {
    /// What it is.
    pub fn value(&self) -> &Value {
        self.found().unwrap_or(&Value::Null)
    }

    /// The entry of this key, if it is a mapping that has it.
    pub fn entry(&self, key: &str) -> Option<Self> {
        self.value().get(key)?;
        Some(self.below(Step::Key(key.to_owned())))
    }

    /// The item at this place, if it is a list that has it.
    pub fn item(&self, at: usize) -> Option<Self> {
        self.value().get(at)?;
        Some(self.below(Step::Item(at)))
    }

    fn below(&self, step: Step) -> Self {
        let mut path = Vec::with_capacity(self.path.len() + 1);
        path.extend(self.path.iter().cloned());
        path.push(step);
        Self {
            layer: self.layer.clone(),
            path,
        }
    }

    fn found(&self) -> Option<&Value> {
        let (Layer::Written(values) | Layer::Facts(values)) = &*self.layer else {
            return None;
        };
        let mut steps = self.path.iter();
        let Some(Step::Key(name)) = steps.next() else {
            return None;
        };
        steps.try_fold(values.get(name)?, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Item(at) => value.get(at),
        })
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

/// What a scope knows about a name.
pub(super) struct Found<'a> {
    /// Its value as written, when a layer has one.
    pub value: Option<Part>,
    /// Whether the texts of the value are templates.
    pub written: bool,
    /// What of it is not known yet, the latest layer first.
    pub unknown: Vec<Arc<Later>>,
    /// What of a value from outside is secret.
    pub secrecy: Option<&'a Arc<Secrecy>>,
}

impl Scope {
    /// A scope without names.
    pub fn new() -> Self {
        Self::default()
    }

    /// The scope with values the user wrote; their texts are templates, rendered lazily and recursively.
    pub fn layer(&self, values: Map) -> Self {
        self.with(Layer::Written(values))
    }

    /// The scope with values from outside (facts, registered results, file contents, outputs): never templates.
    pub fn facts(&self, values: Map) -> Self {
        self.with(Layer::Facts(values))
    }

    /// The scope with a dotted path (`stacks.cluster.outputs`, `result`) that is known only after `address` was
    /// applied: using it in any way, `is defined` included, is [`super::RenderError::Unknown`].
    ///
    /// It lies over what earlier layers say; a later layer that has the path's first name hides it.
    pub fn unknown(&self, path: &str, address: Address) -> Self {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        let later = Later::at(&path[1..], &address);
        self.later(BTreeMap::from([(path[0].clone(), Arc::new(later))]))
    }

    /// The scope with names of which all or parts are known only later, as [`Scope::unknown`] has one path of one.
    pub fn later(&self, names: BTreeMap<String, Arc<Later>>) -> Self {
        self.with(Layer::Unknown(names))
    }

    /// The scope in which so much of the values that came from outside until here is secret.
    pub fn secrets(&self, secrets: Secrets) -> Self {
        if secrets.is_empty() {
            self.clone()
        } else {
            let secrets = secrets.into_iter();
            let secrets = secrets.map(|(name, secrecy)| (name, Arc::new(secrecy)));
            self.with(Layer::Secrets(secrets.collect()))
        }
    }

    /// The value of a name as it was written, not rendered; none when it is undefined or wholly unknown.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.layers.iter().rev().find_map(|layer| match &**layer {
            Layer::Written(map) | Layer::Facts(map) => map.get(name).map(Some),
            Layer::Unknown(names) => match **names.get(name)? {
                Later::Whole(_) => Some(None),
                Later::Parts(_) => None,
            },
            Layer::Secrets(_) => None,
        })?
    }

    /// The value of a name as the user wrote it; none where the latest that has it is from outside.
    pub fn written(&self, name: &str) -> Option<&Value> {
        let has = self.layers.iter().rev().find_map(|layer| match &**layer {
            Layer::Written(map) => map.get(name).map(Some),
            Layer::Facts(map) => map.get(name).map(|_| None),
            Layer::Unknown(names) => names.get(name).map(|_| None),
            Layer::Secrets(_) => None,
        });
        has?
    }

    /// Every name, for "did you mean" and for `vars`.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .layers
            .iter()
            .flat_map(|layer| match &**layer {
                Layer::Written(map) | Layer::Facts(map) => {
                    map.keys().map(String::as_str).collect::<Vec<_>>()
                }
                Layer::Unknown(names) => names.keys().map(String::as_str).collect(),
                Layer::Secrets(_) => Vec::new(),
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn find(&self, name: &str) -> Option<Found<'_>> {
        let mut unknown = Vec::new();
        let mut secrecy = None;
        for layer in self.layers.iter().rev() {
            match &**layer {
                Layer::Unknown(names) => {
                    let Some(later) = names.get(name) else {
                        continue;
                    };
                    unknown.push(later.clone());
                    if matches!(**later, Later::Whole(_)) {
                        return Some(Found {
                            value: None,
                            written: false,
                            unknown,
                            secrecy,
                        });
                    }
                }
                Layer::Written(map) | Layer::Facts(map) => {
                    if map.contains_key(name) {
                        return Some(Found {
                            value: Some(Part {
                                layer: layer.clone(),
                                path: vec![Step::Key(name.to_owned())],
                            }),
                            written: matches!(&**layer, Layer::Written(_)),
                            unknown,
                            secrecy,
                        });
                    }
                }
                Layer::Secrets(secrets) => secrecy = secrecy.or(secrets.get(name)),
            }
        }
        (!unknown.is_empty()).then_some(Found {
            value: None,
            written: false,
            unknown,
            secrecy,
        })
    }

    fn with(&self, layer: Layer) -> Self {
        let mut layers = Vec::with_capacity(self.layers.len() + 1);
        layers.extend(self.layers.iter().cloned());
        layers.push(Arc::new(layer));
        Self {
            layers: Arc::new(layers),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Kind;

    fn map(value: Value) -> Map {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn the_latest_layer_wins_and_hides_what_was_unknown() {
        let scope = Scope::new()
            .layer(map(json!({"a": 1, "b": 1})))
            .facts(map(json!({"a": 2})));
        assert_eq!(scope.get("a"), Some(&json!(2)));
        assert_eq!(scope.get("b"), Some(&json!(1)));
        let unknown = scope.unknown("a", Address::new(Kind::Stack, "s"));
        assert_eq!(unknown.get("a"), None);
        assert_eq!(
            unknown.facts(map(json!({"a": 3}))).get("a"),
            Some(&json!(3))
        );
    }
}
