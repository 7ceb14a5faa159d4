//! The records of one environment: the store they are in, and the keys they have there.

use std::sync::Arc;

use super::{Key, Store};
use crate::model::Failure;

/// The records of one environment in a store.
#[derive(Clone)]
pub(super) struct Records {
    store: Arc<dyn Store>,
    /// The names all keys begin with; the last is the environment's.
    path: Vec<String>,
    /// The project that they must belong to.
    project: String,
}

impl Records {
    /// Those of this project's environment, their keys behind a prefix of names with `/` between, or none.
    ///
    /// Refuses names that cannot be part of a key.
    pub(super) fn new(
        store: Arc<dyn Store>,
        prefix: &str,
        project: &str,
        environment: &str,
    ) -> Result<Self, Failure> {
        let mut path: Vec<String> = prefix
            .split('/')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        path.push(environment.to_owned());
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        Key::new(&names)?;
        Ok(Self {
            store,
            path,
            project: project.to_owned(),
        })
    }

    /// The environment's name.
    pub(super) fn environment(&self) -> &str {
        self.path.last().map(String::as_str).unwrap_or_default()
    }

    /// The project's name.
    pub(super) fn project(&self) -> &str {
        &self.project
    }

    /// Where they are kept.
    pub(super) fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The key of the record that has these names below the environment: `["targets", "web.json"]`.
    pub(super) fn key(&self, parts: &[&str]) -> Result<Key, Failure> {
        let mut all: Vec<&str> = self.path.iter().map(String::as_str).collect();
        all.extend(parts);
        Key::new(&all)
    }
}
