//! Reading the values of keywords, noting what is wrong with them.

use crate::declare::nearest;
use crate::model::{Diagnostic, Located, Map, Origin, Span, Value};
use crate::vars::yaml::{Dialect, Node};

/// What is wrong so far.
#[derive(Debug, Default)]
pub struct Notes {
    /// Mistakes and warnings in the order they were met.
    pub found: Vec<Diagnostic>,
}

impl Notes {
    /// Notes a mistake.
    pub fn error(
        &mut self,
        summary: &'static str,
        label: impl Into<String>,
        span: &Span,
        help: impl Into<String>,
    ) {
        self.found
            .push(Diagnostic::error(summary, label, span.clone()).help(help));
    }

    /// Notes something that has another effect than its writer may think.
    pub fn warning(
        &mut self,
        summary: &'static str,
        label: impl Into<String>,
        span: &Span,
        help: impl Into<String>,
    ) {
        self.found
            .push(Diagnostic::warning(summary, label, span.clone()).help(help));
    }

    /// The pairs of a mapping with scalar keys; a mistake for anything else.
    pub fn pairs<'a>(
        &mut self,
        node: &'a Node,
        what: &str,
    ) -> Option<Vec<(&'a str, &'a Node, &'a Node)>> {
        let Some(pairs) = node.pairs() else {
            self.error(
                "a mapping is needed",
                format!("{what} is {} here", node.noun()),
                &node.span,
                "write `key: value` lines",
            );
            return None;
        };
        let mut named = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            match key.text() {
                Some(text) => named.push((text, key, value)),
                None => self.error(
                    "a key must be a word",
                    format!("this key is {}", key.noun()),
                    &key.span,
                    "write a plain word",
                ),
            }
        }
        Some(named)
    }

    /// The value as Ansible resolves it; null after a mistake.
    pub fn value(&mut self, node: &Node) -> Value {
        node.to_value(Dialect::Ansible).unwrap_or_else(|mistakes| {
            self.found.extend(mistakes);
            Value::Null
        })
    }

    /// The value with its place.
    pub fn located(&mut self, node: &Node) -> Located<Value> {
        Located::new(self.value(node), origin(node))
    }

    /// A list's values, or the one value that is no list.
    pub fn list(&mut self, node: &Node) -> Vec<Located<Value>> {
        match node.items() {
            Some(items) => items.iter().map(|item| self.located(item)).collect(),
            None if node.is_null() => Vec::new(),
            None => vec![self.located(node)],
        }
    }

    /// Words: a list of them, or one text with commas between.
    pub fn words(&mut self, node: &Node, what: &str) -> Vec<String> {
        let mut words = Vec::new();
        let items = node.items().unwrap_or(std::slice::from_ref(node));
        for item in items {
            match item.text() {
                _ if item.is_null() => {}
                Some(text) => words.extend(
                    text.split(',')
                        .map(|word| word.trim().to_owned())
                        .filter(|word| !word.is_empty()),
                ),
                None => self.error(
                    "a word is needed",
                    format!("{what} has {} here", item.noun()),
                    &item.span,
                    "write a word",
                ),
            }
        }
        words
    }

    /// A mapping of variables; empty when there is none.
    pub fn vars(&mut self, node: &Node) -> Map {
        if node.is_null() {
            return Map::new();
        }
        let Some(pairs) = self.pairs(node, "`vars`") else {
            return Map::new();
        };
        for (name, key, _) in &pairs {
            let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if !starts || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                self.error(
                    "this cannot be a variable's name",
                    format!("`{name}`"),
                    &key.span,
                    "a name begins with a letter or `_`, and has letters, digits and `_`",
                );
            }
        }
        match self.value(node) {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    /// One text; what is no text is a mistake.
    pub fn text(&mut self, node: &Node, what: &str) -> String {
        match node.text() {
            Some(text) => text.to_owned(),
            None => {
                self.error(
                    "a text is needed",
                    format!("{what} is {} here", node.noun()),
                    &node.span,
                    "write one text",
                );
                String::new()
            }
        }
    }

    /// A yes or a no, in any of YAML 1.1's spellings.
    pub fn flag(&mut self, node: &Node, what: &str) -> bool {
        match self.value(node) {
            Value::Bool(flag) => flag,
            _ => {
                self.error(
                    "yes or no is needed",
                    format!("{what} is something else here"),
                    &node.span,
                    "write `true` or `false`",
                );
                false
            }
        }
    }

    /// Notes a keyword that is not one.
    pub fn unknown(&mut self, what: &str, word: &str, key: &Node, known: &[&str]) {
        let help = match nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("{what} knows: {}", known.join(", ")),
        };
        self.error(
            "unknown keyword",
            format!("`{word}` is no keyword of {what}"),
            &key.span,
            help,
        );
    }
}

/// Where a node starts.
pub fn origin(node: &Node) -> Origin {
    node.span.source.origin(node.span.range.start)
}
