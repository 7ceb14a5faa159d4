//! A file of the wrong shape, repaired as far as the rest of it can be read: so that one mistake hides no other.
//!
//! What is wrong was told; what it leads to is not told again.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Data, Entry, Table, Tree};
use crate::model::{Map, Value};

/// The keys and positions that lead to a value.
type Path = Vec<String>;

/// What is to be repaired in a file.
#[derive(Debug, Default)]
pub struct Repairs {
    drops: BTreeSet<Path>,
    fills: BTreeMap<Path, Value>,
    /// By the path of the table, which misspelt key means which.
    renames: BTreeMap<Path, BTreeMap<String, String>>,
}

impl Repairs {
    /// Passes over what stands there.
    pub fn drop(&mut self, path: &[String]) {
        self.drops.insert(path.to_vec());
    }

    /// Whether what stands there is passed over.
    pub fn drops(&self, path: &[String]) -> bool {
        self.drops.contains(path)
    }

    /// Puts something there that is missing.
    pub fn fill(&mut self, path: Path, value: Value) {
        self.fills.insert(path, value);
    }

    /// Takes one key of a table for another.
    pub fn rename(&mut self, table: &[String], from: &str, to: &str) {
        let renamed = self.renames.entry(table.to_vec()).or_default();
        renamed.insert(from.to_owned(), to.to_owned());
    }

    /// The file as it is read on, and where it is faulty.
    pub fn apply(self, tree: &Tree) -> (Tree, Faults) {
        let repaired = self.tree(tree, &mut Vec::new());
        let mut faults = self.drops;
        faults.extend(self.fills.into_keys());
        (repaired, Faults(faults))
    }

    fn tree(&self, tree: &Tree, path: &mut Path) -> Tree {
        let data = match &tree.data {
            Data::Table(entries) => {
                let renamed = self.renames.get(path);
                let mut kept = Table::new();
                for (key, entry) in entries {
                    let meant = renamed.and_then(|renamed| renamed.get(key));
                    let key = meant.unwrap_or(key).clone();
                    path.push(key.clone());
                    if !self.drops.contains(path) {
                        let value = self.tree(&entry.value, path);
                        let range = entry.range.clone();
                        join(&mut kept, key, Entry { range, value });
                    }
                    path.pop();
                }
                kept.extend(self.filled(tree, path));
                Data::Table(kept)
            }
            Data::Array(items) => {
                let mut kept = Vec::new();
                for (position, item) in items.iter().enumerate() {
                    path.push(position.to_string());
                    if !self.drops.contains(path) {
                        kept.push(self.tree(item, path));
                    }
                    path.pop();
                }
                Data::Array(kept)
            }
            Data::Scalar(_) | Data::Datetime(_) | Data::Unread => tree.data.clone(),
        };
        Tree {
            data,
            range: tree.range.clone(),
        }
    }

    /// What is missing in a table, shown where the table stands.
    fn filled(&self, table: &Tree, path: &Path) -> impl Iterator<Item = (String, Entry)> {
        let below = self.fills.range(path.clone()..);
        let below = below.take_while(|(filled, _)| filled.starts_with(path));
        below
            .filter(|(filled, _)| filled.len() == path.len() + 1)
            .map(|(filled, value)| {
                let data = match value {
                    Value::Array(_) => Data::Array(Vec::new()),
                    Value::Object(_) => Data::Table(Table::new()),
                    scalar => Data::Scalar(scalar.clone()),
                };
                let range = table.range.clone();
                let value = Tree {
                    data,
                    range: range.clone(),
                };
                let key = filled.last().cloned().unwrap_or_default();
                (key, Entry { range, value })
            })
    }
}

/// Something of the type that a missing value has by its schema. Text is this name, so that it equals nothing else.
pub fn stand_in(root: &Value, schema: Option<&Value>, name: String) -> Value {
    let mut schema = schema;
    while let Some(one) = schema {
        schema = match (one.get("$ref").and_then(Value::as_str), one.get("anyOf")) {
            (Some(reference), _) => root.pointer(reference.trim_start_matches('#')),
            (None, Some(branches)) => branches.get(0),
            (None, None) => break,
        };
    }
    match schema.and_then(|schema| schema.get("type")?.as_str()) {
        Some("array") => Value::Array(Vec::new()),
        Some("object") => Value::Object(Map::new()),
        _ => Value::from(name),
    }
}

/// Adds an entry. Tables of which one's key was taken for the other's become one; of all else the first counts.
fn join(table: &mut Table, key: String, entry: Entry) {
    match table.get_mut(&key) {
        None => drop(table.insert(key, entry)),
        Some(first) => {
            if let (Data::Table(first), Data::Table(second)) =
                (&mut first.value.data, entry.value.data)
            {
                for (key, entry) in second {
                    join(first, key, entry);
                }
            }
        }
    }
}

/// Where a file is faulty.
#[derive(Debug, Default)]
pub struct Faults(BTreeSet<Path>);

impl Faults {
    /// Whether something is faulty there, or all that it stands in.
    pub fn cover(&self, path: &[&str]) -> bool {
        let path: Path = path.iter().map(|step| (*step).to_owned()).collect();
        !self.0.is_empty() && (0..=path.len()).any(|length| self.0.contains(&path[..length]))
    }

    /// Whether something is faulty there, in it, or all that it stands in.
    pub fn touch(&self, path: &[&str]) -> bool {
        let whole: Path = path.iter().map(|step| (*step).to_owned()).collect();
        let next = self.0.range(whole.clone()..).next();
        self.cover(path) || next.is_some_and(|fault| fault.starts_with(&whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::{document, environment, schema};
    use crate::model::Source;
    use serde_json::json;

    fn mended(text: &str) -> (Value, Faults) {
        let source = Source::new("a.toml", text);
        let (tree, wrong) = document::parse(&source);
        assert!(wrong.grammar.is_empty());
        let (_, repairs) = schema::check(&tree, &source, &environment::schema());
        let (tree, faults) = repairs.apply(&tree);
        (tree.value(), faults)
    }

    #[test]
    fn what_is_whole_stays_and_a_missing_value_has_something_in_its_place() {
        let text =
            "project = \"re view\"\nnonsense = 1\n[hosts.web]\nport = \"22\"\nplaybook = \"a\"\n";
        let (value, faults) = mended(text);
        let hosts = json!({ "web": { "playbook": "a", "address": "a.toml#hosts.web.address" } });
        assert_eq!(
            value,
            json!({ "project": "a.toml#project", "hosts": hosts })
        );
        assert!(faults.cover(&["hosts", "web", "port"]));
        assert!(faults.cover(&["nonsense", "below"]));
        assert!(!faults.cover(&["hosts", "web"]) && faults.touch(&["hosts", "web"]));
        assert!(!faults.touch(&["hosts", "we"]));
    }

    #[test]
    fn a_misspelt_key_is_read_as_the_one_that_was_meant() {
        let text =
            "project = \"review\"\n[host.web]\nadress = \"a\"\n[hosts.db]\naddress = \"b\"\n";
        let (value, faults) = mended(text);
        let hosts = json!({ "web": { "address": "a" }, "db": { "address": "b" } });
        assert_eq!(value, json!({ "project": "review", "hosts": hosts }));
        assert!(!faults.touch(&["hosts"]));
    }
}
