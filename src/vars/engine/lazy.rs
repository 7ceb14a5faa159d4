//! What the engine sees of a scope: names, mappings and lists whose texts are rendered when they are reached.

use std::{fmt, sync::Arc};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as Jinja};

use super::{Evaluation, budget, convert, is_template, operators::is_list};
use crate::{
    model::{Map, Value},
    vars::{Later, Secrecy},
};

/// `omit`: the argument that is given it is not given.
#[derive(Debug)]
pub(super) struct Omit;

impl Object for Omit {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

/// The outermost names.
pub(super) struct Root(pub Arc<Evaluation>);

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the scope")
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Jinja> {
        self.0.name(name)
    }
}

/// A value of the user's, with its evaluation.
pub(super) fn lazy(value: &Value, evaluation: &Arc<Evaluation>) -> Jinja {
    match value {
        Value::String(text) if is_template(text) => evaluation.rendered(text),
        Value::Array(items) => Jinja::from_object(List {
            items: items.clone(),
            evaluation: evaluation.clone(),
        }),
        Value::Object(map) => Jinja::from_object(Mapping {
            map: map.clone(),
            evaluation: evaluation.clone(),
        }),
        other => copied(other),
    }
}

/// A copy of a value without templates.
fn copied(value: &Value) -> Jinja {
    match budget::copy(value) {
        Ok(()) => convert::plain(value),
        Err(error) => Jinja::from(error),
    }
}

struct Mapping {
    map: Map,
    evaluation: Arc<Evaluation>,
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.map).finish()
    }
}

impl Object for Mapping {
    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let value = match key.as_str() {
            Some(text) => self.map.get(text),
            None => self.map.get(&convert::key_text(key)),
        }?;
        Some(lazy(value, &self.evaluation))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(
            self.map
                .keys()
                .map(|key| Jinja::from(key.as_str()))
                .collect(),
        )
    }
}

struct List {
    items: Vec<Value>,
    evaluation: Arc<Evaluation>,
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.items).finish()
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let item = self.items.get(key.as_usize()?)?;
        Some(lazy(item, &self.evaluation))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.items.len())
    }
}

impl Evaluation {
    /// A value from outside of which this much is secret.
    pub(super) fn secret(self: &Arc<Self>, value: &Value, secrecy: &Secrecy) -> Jinja {
        match (secrecy, value) {
            (Secrecy::Open, value) => copied(value),
            (Secrecy::Parts(_), Value::Object(map)) => Jinja::from_object(Partly {
                map: map.clone(),
                secrecy: secrecy.clone(),
                evaluation: self.clone(),
            }),
            (secrecy, value) => copied(&self.watch.used(value, secrecy)),
        }
    }
}

/// A mapping from outside of which some entries are secret.
pub(super) struct Partly {
    pub map: Map,
    pub secrecy: Secrecy,
    pub evaluation: Arc<Evaluation>,
}

impl fmt::Debug for Partly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping that is partly secret")
    }
}

impl Object for Partly {
    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let key = convert::key_text(key);
        let value = self.map.get(&key)?;
        Some(self.evaluation.secret(value, &self.secrecy.part(&key)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let keys = self.map.keys().map(|key| Jinja::from(key.as_str()));
        Enumerator::Values(keys.collect())
    }
}

/// A mapping or a list of which some parts are not known yet.
pub(super) struct Overlay {
    /// What is known of it.
    pub known: Option<Jinja>,
    /// What of it is not.
    pub later: Vec<Arc<Later>>,
    pub evaluation: Arc<Evaluation>,
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that is partly unknown")
    }
}

impl Overlay {
    /// The list, where it is one.
    fn list(&self) -> Option<&Jinja> {
        self.known.as_ref().filter(|known| is_list(known))
    }
}

impl Object for Overlay {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.list() {
            Some(_) => ObjectRepr::Seq,
            None => ObjectRepr::Map,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let text = convert::key_text(key);
        let mut below = Vec::new();
        for later in self.later.iter().filter_map(|later| later.below(&text)) {
            match &*later {
                Later::Whole(address) => return Some(self.evaluation.unknown(address)),
                Later::Parts(_) => below.push(later),
            }
        }
        let known = self
            .known
            .as_ref()
            .and_then(|known| known.get_item(key).ok())
            .filter(|value| !value.is_undefined());
        if below.is_empty() {
            return known;
        }
        Some(Jinja::from_object(Overlay {
            known,
            later: below,
            evaluation: self.evaluation.clone(),
        }))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        if let Some(list) = self.list() {
            return Enumerator::Seq(list.len().unwrap_or_default());
        }
        let mut keys: Vec<Jinja> = self
            .known
            .as_ref()
            .and_then(|known| known.try_iter().ok())
            .into_iter()
            .flatten()
            .collect();
        for key in self.later.iter().flat_map(|later| later.keys()) {
            let key = Jinja::from(key);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        Enumerator::Values(keys)
    }
}
