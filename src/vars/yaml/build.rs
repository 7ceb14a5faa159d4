//! From the scanner's events to the tree, within budgets.

use std::collections::{HashMap, hash_map::Entry};

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as Scanned, Tag};

use super::{
    hanging::Layout,
    hints,
    merge::merge,
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
    /// The character it begins with, as the scanner counts.
    begins: usize,
    anchor: usize,
    key: Option<Node>,
    /// The keys of a mapping so far, and where each stands.
    keys: HashMap<String, Span>,
}

struct Builder<'a> {
    source: &'a Source,
    layout: &'a Layout,
    /// The character behind the last event.
    read: usize,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    aliased: usize,
    aliases: Vec<Span>,
    documents: Vec<Node>,
    wrong: Vec<Diagnostic>,
}

/// A source that was read.
pub(super) struct Read {
    /// Its documents.
    pub documents: Vec<Node>,
    /// Where one of them says `*NAME` for what is written elsewhere.
    pub aliases: Vec<Span>,
}

/// Every document of the source, or all that is wrong with it.
pub(super) fn documents(source: &Source) -> Result<Read, Vec<Diagnostic>> {
    let mut layout = Layout::new(&source.text);
    loop {
        let mut builder = Builder {
            source,
            layout: &layout,
            read: 0,
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            aliased: 0,
            aliases: Vec::new(),
            documents: Vec::new(),
            wrong: Vec::new(),
        };
        let Err(error) = builder.run() else {
            if !builder.wrong.is_empty() {
                return Err(builder.wrong);
            }
            return Ok(Read {
                documents: builder.documents,
                aliases: builder.aliases,
            });
        };
        let at = builder.byte(error.marker().index());
        let mut wrong = std::mem::take(&mut builder.wrong);
        let (from, to) = (builder.unread(), error.marker().index());
        let hanging = error.info().contains("indentation");
        if hanging && layout.is_spent() {
            let label = "too many of its brackets and quotes go on at the column of their key";
            wrong.push(builder.refuse(at..at, label.to_owned()));
            return Err(wrong);
        }
        if hanging && layout.move_in(from, to) {
            continue;
        }
        if !wrong.iter().any(hints::is_bare_template) {
            wrong.push(hints::explain(source, at, error.info()));
        }
        return Err(wrong);
    }
}

impl Builder<'_> {
    /// Takes every event; gives the error that stops the scanner, and notes all others.
    fn run(&mut self) -> Result<(), ScanError> {
        if self.source.text.len() > MAX_BYTES {
            let label = format!("the file is longer than {} MiB", MAX_BYTES >> 20);
            let refused = self.refuse(0..0, label);
            self.wrong.push(refused);
            return Ok(());
        }
        for event in Parser::new_from_str(&self.layout.text) {
            let (event, at) = event?;
            if let Err(diagnostic) = self.take(event, at) {
                self.wrong.push(diagnostic);
                break;
            }
            self.read = at.end.index();
        }
        Ok(())
    }

    /// The character with which begins what the scanner has not made an event of, or not wholly.
    fn unread(&self) -> usize {
        let flow = self.open.iter().find(|open| open.node.style == Style::Flow);
        flow.map_or(self.read, |open| open.begins)
    }

    fn byte(&self, index: usize) -> usize {
        self.layout.byte(index).unwrap_or(self.source.text.len())
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
                let kind = Kind::Sequence(Vec::new());
                self.start(range, at.start.index(), tag.as_deref(), kind, anchor)?;
            }
            Event::MappingStart(anchor, tag) => {
                let kind = Kind::Mapping(Vec::new());
                self.start(range, at.start.index(), tag.as_deref(), kind, anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(mut open) = self.open.pop() {
                    let end = if open.node.style == Style::Flow {
                        range.end
                    } else {
                        self.trimmed(open.node.span.range.start, range.start)
                    };
                    open.node.span.range.end = end.max(open.node.span.range.start);
                    merge(&mut open.node, &mut self.wrong);
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
                let span = self.span(range);
                self.aliases.push(span.clone());
                self.close(Node { span, ..node }, 0);
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
        begins: usize,
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
            begins,
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
