//! The names a template may use, in layers.

use std::sync::Arc;

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
    /// A dotted path whose value is not known yet.
    Unknown(Vec<String>, Address),
}

/// What a scope knows about a name.
pub(super) struct Found<'a> {
    /// Its value as written, when a layer has one.
    pub value: Option<&'a Value>,
    /// Whether the texts of the value are templates.
    pub written: bool,
    /// The rests of the unknown paths that start at this name; an empty rest is the name itself.
    pub unknown: Vec<(Vec<String>, Address)>,
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
        let path = path.split('.').map(str::to_owned).collect();
        self.with(Layer::Unknown(path, address))
    }

    /// The value of a name as it was written, not rendered; none when it is undefined or wholly unknown.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.find(name).and_then(|found| found.value)
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
                Layer::Unknown(path, _) => path.first().map(String::as_str).into_iter().collect(),
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn find(&self, name: &str) -> Option<Found<'_>> {
        let mut unknown = Vec::new();
        for layer in self.layers.iter().rev() {
            match &**layer {
                Layer::Unknown(path, address) if path[0] == name => {
                    let whole = path.len() == 1;
                    unknown.push((path[1..].to_vec(), address.clone()));
                    if whole {
                        return Some(Found {
                            value: None,
                            written: false,
                            unknown,
                        });
                    }
                }
                Layer::Written(map) | Layer::Facts(map) => {
                    if let Some(value) = map.get(name) {
                        return Some(Found {
                            value: Some(value),
                            written: matches!(&**layer, Layer::Written(_)),
                            unknown,
                        });
                    }
                }
                Layer::Unknown(..) => {}
            }
        }
        (!unknown.is_empty()).then_some(Found {
            value: None,
            written: false,
            unknown,
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
