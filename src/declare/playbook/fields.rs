//! Reading one mapping: each key is taken once, and what is left over is said.

use crate::{
    model::{
        Diagnostic, Located, Map, Origin, Severity, Span, Value, meant::nearest,
        playbook::is_variable_name,
    },
    vars::yaml::{Dialect, Node},
};

/// Collects what is wrong while a file is read.
#[derive(Default)]
pub(super) struct Reader {
    /// Errors and warnings, in the order they were met.
    pub diagnostics: Vec<Diagnostic>,
}

/// The keys of one mapping that were not taken yet.
pub(super) struct Fields<'a> {
    untaken: Vec<&'a (Node, Node)>,
}

impl<'a> Fields<'a> {
    /// The keys of a mapping; none when it is no mapping.
    pub fn of(node: &'a Node) -> Option<Self> {
        Some(Self {
            untaken: node.pairs()?.iter().collect(),
        })
    }

    /// The value of a key, which is then no longer there.
    pub fn take(&mut self, key: &str) -> Option<&'a Node> {
        self.take_pair(|name| name == key).map(|(_, value)| value)
    }

    /// The first pair whose key pleases.
    pub fn take_pair(&mut self, pleases: impl Fn(&str) -> bool) -> Option<&'a (Node, Node)> {
        let at = self
            .untaken
            .iter()
            .position(|(key, _)| key.text().is_some_and(&pleases))?;
        Some(self.untaken.remove(at))
    }

    /// Whether a key is still there.
    pub fn has(&self, key: &str) -> bool {
        self.untaken
            .iter()
            .any(|(name, _)| name.text() == Some(key))
    }

    /// What was not taken.
    pub fn rest(self) -> Vec<&'a (Node, Node)> {
        self.untaken
    }
}

/// Where a node stands, for messages.
pub(super) fn origin(node: &Node) -> Origin {
    node.span.source.origin(node.span.range.start)
}

/// Where a mapping's first key stands: a caret there says more than one under the whole mapping.
pub(super) fn first_key(node: &Node) -> Span {
    node.pairs()
        .and_then(|pairs| pairs.first())
        .map_or_else(|| node.span.clone(), |(key, _)| key.span.clone())
}

/// The mistake of a node that is of another type than this rule asks for.
pub(super) fn wrong_shape(node: &Node, rule: &str) -> Diagnostic {
    Diagnostic::error(
        "wrong type",
        format!("{rule}; this is {}", node.noun()),
        node.span.clone(),
    )
}

impl Reader {
    /// How many mistakes were noted so far.
    pub fn errors(&self) -> usize {
        let said = self.diagnostics.iter();
        said.filter(|said| said.severity == Severity::Error).count()
    }

    /// Notes that a node is of another type than this rule asks for.
    pub fn wrong(&mut self, node: &Node, rule: &str) {
        self.diagnostics.push(wrong_shape(node, rule));
    }

    /// The items of a list; something else is said to be wrong.
    pub fn list<'a>(&mut self, node: &'a Node, what: &str, of: &str) -> &'a [Node] {
        if node.is_null() {
            return &[];
        }
        node.items().unwrap_or_else(|| {
            self.wrong(node, &format!("{what} is a list of {of}"));
            &[]
        })
    }

    /// The value of a node, in Ansible's dialect.
    pub fn value(&mut self, node: &Node) -> Value {
        node.to_value(Dialect::Ansible).unwrap_or_else(|wrong| {
            self.diagnostics.extend(wrong);
            Value::Null
        })
    }

    pub fn located(&mut self, node: &Node) -> Located<Value> {
        Located::new(self.value(node), origin(node))
    }

    /// A mapping of variables, whose names Jinja must be able to say.
    pub fn variables(&mut self, node: Option<&Node>) -> Map {
        let Some(node) = node.filter(|node| !node.is_null()) else {
            return Map::new();
        };
        for (key, _) in node.pairs().unwrap_or_default() {
            let name = key.text().unwrap_or_default();
            self.named(name, key);
        }
        match self.value(node) {
            Value::Object(map) => map,
            _ => {
                if node.pairs().is_none() {
                    self.wrong(node, "variables are a mapping");
                }
                Map::new()
            }
        }
    }

    /// Says so where a name is none that a variable may have.
    fn named(&mut self, name: &str, node: &Node) {
        if is_variable_name(name) {
            return;
        }
        let plain = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let plain = if is_variable_name(&plain) {
            plain
        } else {
            format!("_{plain}")
        };
        self.diagnostics.push(
            Diagnostic::error(
                "invalid variable name",
                format!("`{name}` cannot be named in a template"),
                node.span.clone(),
            )
            .help(format!("use letters, digits and underscores: `{plain}`")),
        );
    }

    /// The name of a variable that a task sets.
    pub fn variable(&mut self, node: &Node, what: &str) -> Option<String> {
        if node.is_null() {
            return None;
        }
        match self.value(node) {
            Value::String(name) => {
                self.named(&name, node);
                Some(name)
            }
            Value::Bool(_) | Value::Number(_) => {
                let written = node.text().unwrap_or_default();
                self.diagnostics.push(Diagnostic::error(
                    "invalid variable name",
                    format!("YAML reads `{written}` as a truth or a number, not as a name"),
                    node.span.clone(),
                ));
                None
            }
            _ => {
                self.wrong(node, &format!("{what} is the name of a variable"));
                None
            }
        }
    }

    /// A text.
    pub fn text(&mut self, node: &Node, what: &str) -> String {
        match node.text() {
            Some(text) if !node.is_null() => text.to_owned(),
            _ => {
                self.wrong(node, &format!("{what} is a text"));
                String::new()
            }
        }
    }

    /// One text or a list of them; texts with commas are split where Ansible splits them.
    pub fn texts(&mut self, node: &Node, what: &str, split: bool) -> Vec<Located<String>> {
        if node.is_null() {
            return Vec::new();
        }
        let items = node.items().unwrap_or(std::slice::from_ref(node));
        let mut texts = Vec::new();
        for item in items {
            let text = self.text(item, what);
            if split {
                texts.extend(
                    text.split(',')
                        .map(str::trim)
                        .filter(|part| !part.is_empty())
                        .map(|part| Located::new(part.to_owned(), origin(item))),
                );
            } else if !text.is_empty() {
                texts.push(Located::new(text, origin(item)));
            }
        }
        texts
    }

    /// One condition or a list of them, all of which must hold.
    pub fn conditions(&mut self, node: &Node, what: &str) -> Vec<Located<Value>> {
        if node.is_null() {
            return Vec::new();
        }
        let items = node.items().unwrap_or(std::slice::from_ref(node));
        let mut conditions = Vec::new();
        for item in items {
            if item.text().is_none() {
                self.wrong(item, &format!("`{what}` is a condition or a list of them"));
                continue;
            }
            conditions.push(self.located(item));
        }
        conditions
    }

    /// `true` or `false`, where a template cannot be used.
    pub fn boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        match self.value(node) {
            Value::Bool(value) => Some(value),
            _ => {
                self.wrong(node, &format!("`{what}` is `true` or `false`"));
                None
            }
        }
    }

    /// Keys that nothing here reads: the unsupported, the ineffective and the unknown, each with its own words.
    pub fn leftover(&mut self, fields: Fields<'_>, on: &'static str, known: &[&str]) {
        for (key, _) in fields.rest() {
            let name = key.text().unwrap_or_default();
            let diagnostic = if let Some(why) = super::keywords::without_effect(name) {
                Diagnostic::warning("no effect", why, key.span.clone())
            } else if let Some(why) = super::keywords::unsupported(name) {
                Diagnostic::error("not supported here", why, key.span.clone())
            } else {
                unknown_key(key, on, known, self.diagnostics.len())
            };
            self.diagnostics.push(diagnostic);
        }
    }
}

/// A key that means nothing, with the one that was probably meant; so many mistakes were told before.
pub(super) fn unknown_key(key: &Node, on: &str, known: &[&str], told: usize) -> Diagnostic {
    let name = key.text().unwrap_or_default();
    let diagnostic = Diagnostic::error(
        "unknown key",
        format!("{on} has no key `{name}`"),
        key.span.clone(),
    );
    match nearest(name, known.iter().copied(), told) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}
