//! What the engine sees of a scope: names, mappings and lists whose texts are rendered when they are reached.

use std::{fmt, sync::Arc};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as Jinja};

use super::state::Evaluation;
use crate::{
    model::{Map, Value},
    vars::{
        Later, Secrecy,
        engine::{budget, convert, is_template, types::is_list},
        scope::Part,
    },
};

/// How what stands in a scope is read.
#[derive(Clone)]
pub(super) enum Reading {
    /// As it is.
    Plain,
    /// The user's: its texts are templates.
    Written(Arc<Evaluation>),
    /// From outside, and so much of it is secret.
    Secret(Arc<Evaluation>, Arc<Secrecy>),
}

impl Reading {
    /// The same of what stands under this key.
    fn below(&self, key: &str) -> Self {
        match self {
            Self::Secret(evaluation, secrecy) => {
                Self::Secret(evaluation.clone(), Arc::new(secrecy.part(key)))
            }
            other => other.clone(),
        }
    }
}

/// A part of a scope. Mappings and lists are not copied: there may be thousands of entries, of which one is used.
pub(super) fn lazy(part: Part, reading: Reading) -> Jinja {
    match (&reading, part.value()) {
        (Reading::Secret(_, secrecy), _) if secrecy.is_open() => lazy(part, Reading::Plain),
        (Reading::Secret(evaluation, secrecy), value) => match (&**secrecy, value) {
            (Secrecy::Parts(_), Value::Object(_)) => Jinja::from_object(Mapping { part, reading }),
            (secrecy, value) => evaluation.hidden(value, secrecy),
        },
        (Reading::Written(evaluation), Value::String(text)) if is_template(text) => {
            evaluation.rendered(text)
        }
        (_, Value::Object(_)) => Jinja::from_object(Mapping { part, reading }),
        (_, Value::Array(_)) => Jinja::from_object(List { part, reading }),
        (_, scalar) => copied(scalar),
    }
}

/// A copy of a value without templates.
fn copied(value: &Value) -> Jinja {
    match budget::copy(value) {
        Ok(()) => convert::plain(value),
        Err(error) => Jinja::from(error),
    }
}

impl Evaluation {
    /// A value of which this much is secret, and which is used.
    pub(in crate::vars::engine) fn hidden(&self, value: &Value, secrecy: &Secrecy) -> Jinja {
        copied(&self.watch.used(value, secrecy))
    }
}

struct Mapping {
    part: Part,
    reading: Reading,
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }
}

impl Object for Mapping {
    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let key = match key.as_str() {
            Some(text) => text,
            None => &convert::key_text(key),
        };
        Some(lazy(self.part.entry(key)?, self.reading.below(key)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let keys = self
            .part
            .value()
            .as_object()
            .into_iter()
            .flat_map(Map::keys);
        Enumerator::Values(keys.map(|key| Jinja::from(key.as_str())).collect())
    }
}

struct List {
    part: Part,
    reading: Reading,
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        let item = self.part.item(key.as_usize()?)?;
        Some(lazy(item, self.reading.clone()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.part.value().as_array().map_or(0, Vec::len))
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
