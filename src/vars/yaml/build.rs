//! From the scanner's events to the tree, within budgets.

use std::collections::{HashMap, hash_map::Entry};

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Scanned, Tag};

use super::{
    hints,
    node::{Kind, Node, Style},
};
use crate::model::{Diagnostic, Source, Span};

/// How deep collections may be nested; real playbooks and templates stay under 20.
const MAX_DEPTH: usize = 64;
/// How many nodes a file may have as written.
const MAX_NODES: usize = 200_000;
/// How many nodes may come from aliases, which can multiply a small file into a huge tree.
const MAX_ALIASED: usize = 100_000;
/// How long a file may be; CloudFormation itself refuses templates over 1 MB.
const MAX_BYTES: usize = 4 << 20;

/// A collection that is still open.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<Node>,
    /// The keys of a mapping so far, and where each stands.
    keys: HashMap<String, Span>,
}

struct Builder<'a> {
    source: &'a Source,
    /// Byte offset of each character: the scanner counts characters.
    offsets: Vec<usize>,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    aliased: usize,
    documents: Vec<Node>,
    wrong: Vec<Diagnostic>,
}

/// Every document of the source, or all that is wrong with it.
pub(super) fn documents(source: &Source) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let mut builder = Builder {
        source,
        offsets: source.text.char_indices().map(|(at, _)| at).collect(),
        open: Vec::new(),
        anchors: HashMap::new(),
        nodes: 0,
        aliased: 0,
        documents: Vec::new(),
        wrong: Vec::new(),
    };
    if source.text.len() > MAX_BYTES {
        return Err(vec![builder.refuse(
            0..0,
            format!("the file is longer than {} MiB", MAX_BYTES >> 20),
        )]);
    }
    for event in Parser::new_from_str(&source.text) {
        match event {
            Ok((event, at)) => {
                if let Err(diagnostic) = builder.take(event, at) {
                    builder.wrong.push(diagnostic);
                    return Err(builder.wrong);
                }
            }
            Err(error) => {
                let at = builder.byte(error.marker().index());
                if !builder.wrong.iter().any(hints::is_bare_template) {
                    builder.wrong.push(hints::explain(source, at, error.info()));
                }
                return Err(builder.wrong);
            }
        }
    }
    if builder.wrong.is_empty() {
        Ok(builder.documents)
    } else {
        Err(builder.wrong)
    }
}

impl Builder<'_> {
    fn byte(&self, index: usize) -> usize {
        self.offsets
            .get(index)
            .copied()
            .unwrap_or(self.source.text.len())
    }

    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span {
            source: self.source.clone(),
            range,
        }
    }

    fn refuse(&self, range: std::ops::Range<usize>, label: String) -> Diagnostic {
        Diagnostic::error("the file is beyond what is read", label, self.span(range))
    }

    fn take(&mut self, event: Event<'_>, at: Scanned) -> Result<(), Diagnostic> {
        let range = self.byte(at.start.index())..self.byte(at.end.index());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let range = match style {
                    Style::Block => range.start..self.trimmed(range.start, range.end),
                    _ => range,
                };
                let node = self.node(range, tag.as_deref(), style, Kind::Scalar(text.into()))?;
                self.close(node, anchor);
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(range, tag.as_deref(), Kind::Sequence(Vec::new()), anchor)?;
            }
            Event::MappingStart(anchor, tag) => {
                self.start(range, tag.as_deref(), Kind::Mapping(Vec::new()), anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(mut open) = self.open.pop() {
                    let end = if open.node.style == Style::Flow {
                        range.end
                    } else {
                        self.trimmed(open.node.span.range.start, range.start)
                    };
                    open.node.span.range.end = end.max(open.node.span.range.start);
                    self.merge(&mut open.node);
                    self.close(open.node, open.anchor);
                }
            }
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err(Diagnostic::error(
                        "an alias to nothing",
                        "its anchor is not complete before this place",
                        self.span(range),
                    ));
                };
                self.aliased += size;
                if self.aliased > MAX_ALIASED {
                    return Err(self.refuse(
                        range,
                        format!("its aliases expand to more than {MAX_ALIASED} nodes"),
                    ));
                }
                if self.open.len() + depth(&node) > MAX_DEPTH {
                    return Err(self.too_deep(range));
                }
                self.close(
                    Node {
                        span: self.span(range),
                        ..node
                    },
                    0,
                );
            }
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn node(
        &mut self,
        range: std::ops::Range<usize>,
        tag: Option<&Tag>,
        style: Style,
        kind: Kind,
    ) -> Result<Node, Diagnostic> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(self.refuse(range, format!("it has more than {MAX_NODES} nodes")));
        }
        Ok(Node {
            span: self.span(range),
            tag: tag.map(|tag| format!("{}{}", tag.handle, tag.suffix)),
            style,
            kind,
        })
    }

    fn too_deep(&self, range: std::ops::Range<usize>) -> Diagnostic {
        self.refuse(
            range,
            format!("it is nested too deep, over {MAX_DEPTH} levels"),
        )
    }

    fn start(
        &mut self,
        range: std::ops::Range<usize>,
        tag: Option<&Tag>,
        kind: Kind,
        anchor: usize,
    ) -> Result<(), Diagnostic> {
        if self.open.len() >= MAX_DEPTH {
            return Err(self.too_deep(range));
        }
        let style = if self.source.text[range.start..].starts_with(['[', '{']) {
            Style::Flow
        } else {
            Style::Block
        };
        let node = self.node(range, tag, style, kind)?;
        self.open.push(Open {
            node,
            anchor,
            key: None,
            keys: HashMap::new(),
        });
        Ok(())
    }

    /// A node is complete: it becomes an item, a key, a value or a document.
    fn close(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            let size = size(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(parent) = self.open.last_mut() else {
            self.documents.push(node);
            return;
        };
        match &mut parent.node.kind {
            Kind::Sequence(items) => items.push(node),
            Kind::Mapping(pairs) => match parent.key.take() {
                Some(key) => pairs.push((key, node)),
                None => {
                    match node.text().map(|text| parent.keys.entry(text.to_owned())) {
                        Some(Entry::Occupied(first)) => {
                            let span = first.get();
                            let line = span.source.origin(span.range.start).line;
                            self.wrong.push(Diagnostic::error(
                                "duplicate key",
                                format!(
                                    "`{}` stands in this mapping already, on line {line}",
                                    first.key()
                                ),
                                node.span.clone(),
                            ));
                        }
                        Some(Entry::Vacant(new)) => {
                            new.insert(node.span.clone());
                        }
                        None => self.wrong.push(hints::key_is_a_collection(&node)),
                    }
                    parent.key = Some(node);
                }
            },
            Kind::Scalar(_) => {}
        }
    }

    /// The end of a block without the blank lines and comments before the next.
    fn trimmed(&self, start: usize, end: usize) -> usize {
        start + self.source.text[start..end.max(start)].trim_end().len()
    }

    /// Puts what `<<` names before the mapping's own keys, which win.
    fn merge(&mut self, node: &mut Node) {
        let Kind::Mapping(pairs) = &mut node.kind else {
            return;
        };
        let is_merge =
            |(key, _): &(Node, Node)| key.style == Style::Plain && key.text() == Some("<<");
        if !pairs.iter().any(is_merge) {
            return;
        }
        let mut merged: Vec<(Node, Node)> = Vec::new();
        let (merges, own): (Vec<_>, Vec<_>) = pairs.drain(..).partition(is_merge);
        for (key, value) in merges {
            let sources = match value.kind {
                Kind::Mapping(pairs) => vec![Ok(pairs)],
                Kind::Sequence(items) => items
                    .into_iter()
                    .map(|item| match item.kind {
                        Kind::Mapping(pairs) => Ok(pairs),
                        _ => Err(item.span),
                    })
                    .collect(),
                Kind::Scalar(_) => vec![Err(key.span)],
            };
            for source in sources {
                match source {
                    Ok(pairs) => {
                        for pair in pairs {
                            if !merged.iter().any(|(k, _)| k.text() == pair.0.text()) {
                                merged.push(pair);
                            }
                        }
                    }
                    Err(span) => self.wrong.push(Diagnostic::error(
                        "nothing to merge",
                        "`<<` takes a mapping or a list of mappings",
                        span,
                    )),
                }
            }
        }
        for pair in own {
            match merged.iter_mut().find(|(k, _)| k.text() == pair.0.text()) {
                Some(place) => *place = pair,
                None => merged.push(pair),
            }
        }
        *pairs = merged;
    }
}

/// How many nodes a tree has. Recursion is bounded by [`MAX_DEPTH`].
fn size(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Scalar(_) => 0,
        Kind::Sequence(items) => items.iter().map(size).sum(),
        Kind::Mapping(pairs) => pairs.iter().map(|(k, v)| size(k) + size(v)).sum(),
    }
}

fn depth(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar(_) => 0,
        Kind::Sequence(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Kind::Mapping(pairs) => {
            1 + pairs
                .iter()
                .map(|(k, v)| depth(k).max(depth(v)))
                .max()
                .unwrap_or(0)
        }
    }
}
