//! What of a value is known only later.

use std::{collections::BTreeMap, sync::Arc};

use crate::model::Address;

/// What of a value is known only after something else was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Later {
    /// All of it, once this was applied.
    Whole(Address),
    /// Parts of it: of a mapping by key, of a list by number. The other parts are known.
    Parts(BTreeMap<String, Arc<Later>>),
}

impl Later {
    /// What lies at this path is known later; an empty path is the whole.
    pub fn at(path: &[String], address: &Address) -> Self {
        match path.split_first() {
            None => Later::Whole(address.clone()),
            Some((first, rest)) => {
                let part = Arc::new(Self::at(rest, address));
                Later::Parts(BTreeMap::from([(first.clone(), part)]))
            }
        }
    }

    /// These parts are known later, each as a whole.
    pub fn parts<'a>(names: impl IntoIterator<Item = &'a str>, address: &Address) -> Self {
        let whole = Arc::new(Later::Whole(address.clone()));
        let parts = names
            .into_iter()
            .map(|name| (name.to_owned(), whole.clone()));
        Later::Parts(parts.collect())
    }

    /// What of the part with this key is known later.
    pub fn part(self: &Arc<Self>, key: &str) -> Option<Arc<Self>> {
        match &**self {
            Later::Whole(_) => Some(self.clone()),
            Later::Parts(parts) => parts.get(key).cloned(),
        }
    }

    /// The same, as a template asks for it: a key with dots may span several steps, as a name does that
    /// has dots itself.
    pub(super) fn below(self: &Arc<Self>, key: &str) -> Option<Arc<Self>> {
        let mut here = self.clone();
        for step in key.split('.') {
            here = here.part(step)?;
        }
        Some(here)
    }

    /// The keys of the parts; none of a whole.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let parts = match self {
            Later::Whole(_) => None,
            Later::Parts(parts) => Some(parts),
        };
        parts
            .into_iter()
            .flat_map(BTreeMap::keys)
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn a_key_with_dots_spans_several_steps() {
        let address = Address::new(Kind::Stack, "cluster");
        let path = ["outputs".to_owned(), "a".to_owned(), "b".to_owned()];
        let later = Arc::new(Later::at(&path, &address));
        let whole = Some(Arc::new(Later::Whole(address)));
        assert_eq!(later.below("outputs.a.b"), whole);
        assert_eq!(later.below("outputs.a.b.c"), whole);
        assert_eq!(
            later.below("outputs").and_then(|one| one.below("a.b")),
            whole
        );
        assert_eq!(later.below("else"), None);
    }
}
