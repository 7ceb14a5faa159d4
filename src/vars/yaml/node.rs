//! The tree of a file as it was written.

use super::scalar;
use crate::model::Span;

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands, as bytes of its source.
    pub span: Span,
    /// Its tag, for example `!Ref`, or `tag:yaml.org,2002:str` for `!!str`.
    pub tag: Option<String>,
    /// How it was written; collections are [`Style::Block`] or [`Style::Flow`].
    pub style: Style,
    /// What it is.
    pub kind: Kind,
}

/// How a node was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A bare word, whose text decides its type.
    Plain,
    /// In quotes of either sort.
    Quoted,
    /// A `|` or `>` text, or an indented collection.
    Block,
    /// A collection in brackets or braces.
    Flow,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A text, not yet resolved to a type.
    Scalar(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping in the order it was written, keys unique, `<<` merged in.
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The pairs of a mapping.
    pub fn pairs(&self) -> Option<&[(Node, Node)]> {
        match &self.kind {
            Kind::Mapping(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The items of a sequence.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The value under a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.pairs()?
            .iter()
            .find(|(k, _)| k.text() == Some(key))
            .map(|(_, value)| value)
    }

    /// Whether it is nothing: an empty or `null` plain scalar.
    pub fn is_null(&self) -> bool {
        self.style == Style::Plain && self.tag.is_none() && self.text().is_some_and(scalar::is_null)
    }

    /// What it is, in a reader's words: `a list`, `a mapping`, `nothing`, `a text`.
    pub fn noun(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(_) if self.is_null() => "nothing",
            Kind::Scalar(_) => "a text",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }
}
