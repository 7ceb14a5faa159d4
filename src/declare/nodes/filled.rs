//! Texts that are known once what they refer to in the same file is filled in: they have the shapes of those that are
//! written out, and a run would find that they have not.

use std::{collections::HashMap, ops::Range};

use super::draft::Draft;
use crate::declare::{
    document::{Data, Entry, Tree},
    environment, schema,
};
use crate::model::Value;

/// What a text becomes, and whether nothing of it is secret.
pub struct Filled {
    /// The whole text.
    pub text: String,
    /// Whether it may be shown.
    pub open: bool,
}

/// The text as a run would have it; none where that is known only once something was made, or is a mistake of its own.
pub fn filled_in(draft: &Draft<'_>, text: &str) -> Option<Filled> {
    let value = Value::from(text);
    let rendered = draft.renderer.rendered(&value, &draft.scope).ok()?;
    let open = rendered.secrecy.is_open() && rendered.made.is_empty();
    let text = match rendered.value? {
        Value::String(text) => text,
        scalar @ (Value::Number(_) | Value::Bool(_)) => scalar.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(Filled { text, open })
}

/// Notes every text that has another shape once it is filled in.
pub fn check(draft: &mut Draft<'_>) {
    let mut filling = Filling {
        draft,
        filled: HashMap::new(),
    };
    let tree = filling.tree(draft.given.tree);
    let filled = filling.filled;
    if filled.is_empty() {
        return;
    }
    let (found, _) = schema::check(&tree, draft.given.source, &environment::schema());
    // What is written out was checked before.
    for mistake in found {
        let Some(value) = filled.get(&mistake.span.range) else {
            continue;
        };
        draft.found.push(if value.open {
            mistake.help(format!("filled in, it is `{}`", value.text))
        } else {
            mistake
        });
    }
}

struct Filling<'d, 'a> {
    draft: &'d Draft<'a>,
    filled: HashMap<Range<usize>, Filled>,
}

impl Filling<'_, '_> {
    fn tree(&mut self, tree: &Tree) -> Tree {
        let data = match &tree.data {
            Data::Scalar(Value::String(text)) if text.contains("{{") => {
                match filled_in(self.draft, text) {
                    Some(value) => {
                        let text = Value::from(value.text.as_str());
                        self.filled.insert(tree.range.clone(), value);
                        Data::Scalar(text)
                    }
                    None => tree.data.clone(),
                }
            }
            Data::Array(items) => Data::Array(items.iter().map(|item| self.tree(item)).collect()),
            Data::Table(entries) => {
                let entries = entries.iter().map(|(key, entry)| {
                    let range = entry.range.clone();
                    let value = self.tree(&entry.value);
                    (key.clone(), Entry { range, value })
                });
                Data::Table(entries.collect())
            }
            Data::Scalar(_) | Data::Datetime(_) | Data::Unread => tree.data.clone(),
        };
        Tree {
            data,
            range: tree.range.clone(),
        }
    }
}
