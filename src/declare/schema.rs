//! Checks a file against a JSON Schema, and says everything that is wrong with it at once, with what must be repaired so
//! that the rest of it can be read all the same.
//!
//! It knows the part of JSON Schema that our own types are turned into; a test says that nothing else is in there.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::{
    document::{Data, Entry, Table, Tree},
    repairs::{Repairs, stand_in},
};
use crate::model::{Diagnostic, Source, Value, meant};

/// Every mistake of the file against the schema, in the order of the file, and how each is passed over.
pub fn check(tree: &Tree, source: &Source, schema: &Value) -> (Vec<Diagnostic>, Repairs) {
    let mut check = Check {
        root: schema,
        source,
        patterns: HashMap::new(),
        found: Vec::new(),
        path: Vec::new(),
        repairs: Repairs::default(),
    };
    check.tree(tree, schema, "the environment", &tree.range);
    check
        .found
        .sort_by_key(|diagnostic| diagnostic.span.range.start);
    (check.found, check.repairs)
}

struct Check<'a> {
    root: &'a Value,
    source: &'a Source,
    patterns: HashMap<&'a str, Option<fancy_regex::Regex>>,
    found: Vec<Diagnostic>,
    /// Where the check is: keys as they are meant, and positions in lists.
    path: Vec<String>,
    repairs: Repairs,
}

impl<'a> Check<'a> {
    /// `name` is the key the value stands under, `range` where a mistake of a whole table is shown.
    fn tree(&mut self, tree: &Tree, schema: &'a Value, name: &str, range: &Range<usize>) {
        let Some(schema) = self.resolve(schema, tree) else {
            return;
        };
        let wanted = types(schema);
        if !wanted.is_empty() && !wanted.iter().any(|kind| is(tree, kind)) {
            let expected: Vec<&str> = wanted.iter().filter_map(|kind| noun(kind)).collect();
            let before = self.found.len();
            self.wrong_type(tree, name, &expected.join(" or "));
            if let (Some(message), Some(mistake)) = (
                schema.get("patternErrorMessage").and_then(Value::as_str),
                self.found.get_mut(before),
            ) {
                mistake.help = Some(message.to_owned());
            }
            return;
        }
        match &tree.data {
            Data::Table(entries) => self.table(entries, schema, name, range),
            // It was told where it was read.
            Data::Unread => self.repairs.drop(&self.path),
            Data::Array(items) => {
                if let Some(least) = schema.get("minItems").and_then(Value::as_u64)
                    && (items.len() as u64) < least
                {
                    self.error(
                        "the list is too short",
                        format!("`{}` needs {least} at least", name.trim_matches('`')),
                        &tree.range,
                    );
                }
                if let Some(schema) = schema.get("items") {
                    for (position, item) in items.iter().enumerate() {
                        self.path.push(position.to_string());
                        self.tree(item, schema, name, &item.range);
                        self.path.pop();
                    }
                }
            }
            Data::Scalar(value) => {
                let before = self.found.len();
                self.scalar(value, schema, name, &tree.range);
                if self.found.len() > before {
                    self.repairs.drop(&self.path);
                }
            }
            Data::Datetime(_) => {}
        }
    }

    /// Follows references, and chooses the branch of `anyOf` that fits the value's type.
    ///
    /// None, after a mistake was noted, when no branch fits.
    fn resolve(&mut self, schema: &'a Value, tree: &Tree) -> Option<&'a Value> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.root.pointer(reference.trim_start_matches('#'))?;
            return self.resolve(target, tree);
        }
        let Some(branches) = schema.get("anyOf").and_then(Value::as_array) else {
            return Some(schema);
        };
        let mut wanted = Vec::new();
        for branch in branches {
            let branch = match branch.get("$ref").and_then(Value::as_str) {
                Some(reference) => self.root.pointer(reference.trim_start_matches('#'))?,
                None => branch,
            };
            let kinds = types(branch);
            if kinds.is_empty() || kinds.iter().any(|kind| is(tree, kind)) {
                return Some(branch);
            }
            for kind in kinds.iter().filter_map(|kind| noun(kind)) {
                if !wanted.contains(&kind) {
                    wanted.push(kind);
                }
            }
        }
        self.wrong_type(tree, "this", &wanted.join(" or "));
        None
    }

    fn table(&mut self, entries: &Table, schema: &'a Value, name: &str, range: &Range<usize>) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        // The keys that are there, and those that were meant by misspelt ones.
        let mut there: HashSet<&str> = entries.keys().map(String::as_str).collect();
        for (key, entry) in entries {
            if let Some(names) = schema.get("propertyNames") {
                self.scalar(&Value::from(key.as_str()), names, key, &entry.range);
            }
            let known = properties.and_then(|properties| properties.get(key));
            match (known, others) {
                (Some(schema), _) => self.entry(key, entry, schema, key),
                (None, Some(Value::Bool(false))) => {
                    let keys = properties.into_iter().flat_map(|p| p.keys());
                    let keys: Vec<&str> = keys.map(String::as_str).collect();
                    let meant = self.meant(key, &keys);
                    let help = match meant {
                        Some(key) => format!("did you mean `{key}`?"),
                        None => format!("possible here: {}", keys.join(", ")),
                    };
                    self.found.push(
                        Diagnostic::error(
                            "unknown key",
                            format!("{name} has no key `{key}`"),
                            self.source.span(entry.range.clone()),
                        )
                        .help(help),
                    );
                    let known = meant.and_then(|key| properties?.get_key_value(key));
                    // Sections of names, of which some are misspelt, are read as one.
                    let named = |schema: &Value| {
                        schema.get("properties").is_none()
                            && matches!(entry.value.data, Data::Table(_))
                    };
                    let known =
                        known.filter(|(key, schema)| there.insert(key.as_str()) || named(schema));
                    match known {
                        Some((meant, schema)) => {
                            self.repairs.rename(&self.path, key, meant);
                            self.entry(meant, entry, schema, meant);
                        }
                        None => self.repairs.drop(&self.below(key)),
                    }
                }
                (None, Some(schema)) if schema.is_object() => {
                    let name = format!("`{key}`");
                    self.entry(key, entry, schema, &name);
                }
                (None, _) => {}
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten().filter_map(Value::as_str) {
            // A key that is nearly the missing one was noted already, with this one as advice.
            let misspelt = |other: &String| {
                let known = properties.is_some_and(|properties| properties.contains_key(other));
                !known && self.meant(other, &[key]).is_some()
            };
            if !entries.contains_key(key) && !entries.keys().any(misspelt) {
                self.error("a key is missing", format!("{name} needs `{key}`"), range);
            }
            let path = self.below(key);
            if !there.contains(key) || self.repairs.drops(&path) {
                let schema = properties.and_then(|properties| properties.get(key));
                let name = format!("{}#{}", self.source.name, path.join("."));
                self.repairs.fill(path, stand_in(self.root, schema, name));
            }
        }
    }

    /// The one of these words that was probably meant.
    fn meant<'k>(&self, word: &str, words: &[&'k str]) -> Option<&'k str> {
        meant::nearest(word, words.iter().copied(), self.found.len())
    }

    /// Where a key of the table is that is looked at.
    fn below(&self, key: &str) -> Vec<String> {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        path
    }

    /// What stands under a key; `key` is the one that is meant.
    fn entry(&mut self, key: &str, entry: &Entry, schema: &'a Value, name: &str) {
        self.path.push(key.to_owned());
        self.tree(&entry.value, schema, name, &entry.range);
        self.path.pop();
    }

    fn scalar(&mut self, value: &Value, schema: &'a Value, name: &str, range: &Range<usize>) {
        if let Some(choices) = schema.get("enum").and_then(Value::as_array)
            && !choices.contains(value)
        {
            let choices: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
            let mut mistake = Diagnostic::error(
                "this value is not one of the possible ones",
                format!("possible: {}", choices.join(", ")),
                self.source.span(range.clone()),
            );
            if let Some(choice) = value.as_str().and_then(|text| self.meant(text, &choices)) {
                mistake = mistake.help(format!("did you mean `{choice}`?"));
            }
            self.found.push(mistake);
        }
        if let (Some(text), Some(pattern)) = (
            value.as_str(),
            schema.get("pattern").and_then(Value::as_str),
        ) && !self.matches(pattern, text)
        {
            let message = schema
                .get("patternErrorMessage")
                .and_then(Value::as_str)
                .unwrap_or(pattern);
            self.error("this value has another shape", message.to_owned(), range);
        }
        // What our own type can hold is a limit where the schema names none.
        let (lowest, highest) = match schema.get("format").and_then(Value::as_str) {
            Some("uint32") => (Some(0.0), Some(f64::from(u32::MAX))),
            Some("int32") => (Some(f64::from(i32::MIN)), Some(f64::from(i32::MAX))),
            _ => (None, None),
        };
        for (key, held, word, beyond) in [
            ("minimum", lowest, "least", -1.0),
            ("maximum", highest, "most", 1.0),
        ] {
            let limit = schema.get(key).and_then(Value::as_f64).or(held);
            if let (Some(number), Some(limit)) = (value.as_f64(), limit)
                && (number - limit) * beyond > 0.0
            {
                self.error(
                    "this number is out of range",
                    format!("`{}` is {limit} at the {word}", name.trim_matches('`')),
                    range,
                );
            }
        }
    }

    fn matches(&mut self, pattern: &'a str, text: &str) -> bool {
        self.patterns
            .entry(pattern)
            .or_insert_with(|| fancy_regex::Regex::new(pattern).ok())
            .as_ref()
            .is_some_and(|regex| regex.is_match(text).unwrap_or(false))
    }

    fn wrong_type(&mut self, tree: &Tree, name: &str, expected: &str) {
        self.repairs.drop(&self.path);
        let found = match &tree.data {
            Data::Scalar(Value::String(_)) => "text",
            Data::Scalar(Value::Bool(_)) => "a truth value",
            Data::Scalar(Value::Number(number)) if number.is_f64() => "a fraction",
            Data::Scalar(_) => "a whole number",
            Data::Datetime(_) => "a date",
            // It was told where it was read.
            Data::Unread => return,
            Data::Array(_) => "a list",
            Data::Table(_) => "a table",
        };
        let name = name.trim_matches('`');
        self.error(
            "wrong type",
            format!("`{name}` is {expected}, and this is {found}"),
            &tree.range,
        );
    }

    fn error(&mut self, summary: &'static str, label: String, range: &Range<usize>) {
        self.found.push(Diagnostic::error(
            summary,
            label,
            self.source.span(range.clone()),
        ));
    }
}

/// The types that a schema names.
fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is(tree: &Tree, kind: &str) -> bool {
    match (&tree.data, kind) {
        (Data::Table(_), "object") | (Data::Array(_), "array") => true,
        (Data::Scalar(value), "string") => value.is_string(),
        (Data::Scalar(value), "boolean") => value.is_boolean(),
        (Data::Scalar(value), "integer") => value.is_i64() || value.is_u64(),
        (Data::Scalar(value), "number") => value.is_number(),
        _ => false,
    }
}

/// The word for a type; none for `null`, which TOML does not have.
fn noun(kind: &str) -> Option<&'static str> {
    match kind {
        "object" => Some("a table"),
        "array" => Some("a list"),
        "string" => Some("text"),
        "boolean" => Some("true or false"),
        "integer" => Some("a whole number"),
        "number" => Some("a number"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::environment;

    /// Every key word of the emitted schema that bears on validity is one that the check knows.
    #[test]
    fn the_check_knows_every_word_of_our_schema() {
        const KNOWN: &[&str] = &[
            "$schema",
            "title",
            "description",
            "default",
            "format",
            "$defs",
            "$ref",
            "anyOf",
            "type",
            "properties",
            "additionalProperties",
            "propertyNames",
            "required",
            "items",
            "minItems",
            "enum",
            "pattern",
            "patternErrorMessage",
            "minimum",
            "maximum",
        ];
        fn walk(schema: &Value) {
            let Value::Object(words) = schema else { return };
            for (word, value) in words {
                assert!(KNOWN.contains(&word.as_str()), "{word}: {value}");
                match word.as_str() {
                    "properties" | "$defs" => value.as_object().unwrap().values().for_each(walk),
                    "anyOf" => value.as_array().unwrap().iter().for_each(walk),
                    "items" | "additionalProperties" | "propertyNames" => walk(value),
                    "pattern" => drop(fancy_regex::Regex::new(value.as_str().unwrap()).unwrap()),
                    _ => {}
                }
            }
        }
        walk(&environment::schema());
    }
}
