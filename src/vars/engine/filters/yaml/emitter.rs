//! Writes a value as libyaml's emitter does: where it breaks lines, and how far it indents.
//!
//! <https://github.com/yaml/libyaml/blob/master/src/emitter.c>

use super::scalar::{self, Style};
use crate::{
    model::{Map, Value},
    vars::engine::MAX_TEXT,
};

/// The longest key that needs no `?` before it.
const SIMPLE_KEY: usize = 128;

pub(super) struct Emitter {
    out: String,
    column: usize,
    /// Whether a blank stands before what comes next.
    whitespace: bool,
    /// Whether only indentation stands before it on its line.
    indention: bool,
    /// How far what is open is indented; none outside everything.
    indent: Option<usize>,
    /// How many collections in brackets are open.
    flow_level: usize,
    step: usize,
    width: usize,
    flow: Option<bool>,
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Root,
    Item,
    /// The value of a mapping; a list there is not indented further.
    Entry,
    SimpleKey,
}

impl Emitter {
    pub fn new(step: usize, width: usize, flow: Option<bool>) -> Self {
        Self {
            out: String::new(),
            column: 0,
            whitespace: true,
            indention: true,
            indent: None,
            flow_level: 0,
            step,
            width,
            flow,
        }
    }

    /// The whole text; of one that is longer than a text may be no more than shows that.
    pub fn document(mut self, value: &Value) -> String {
        self.node(value, Context::Root);
        self.new_line();
        self.out
    }

    fn node(&mut self, value: &Value, context: Context) {
        if self.full() {
            return;
        }
        match value {
            Value::Array(items) => {
                if self.in_brackets(items.is_empty(), value) {
                    self.flow_list(items)
                } else {
                    self.block_list(items, context)
                }
            }
            Value::Object(map) => {
                if self.in_brackets(map.is_empty(), value) {
                    self.flow_map(map)
                } else {
                    self.block_map(map)
                }
            }
            one => self.scalar(&scalar::text(one), !one.is_string(), context),
        }
    }

    fn full(&self) -> bool {
        self.out.len() > MAX_TEXT
    }

    fn write(&mut self, c: char) {
        if !self.full() {
            self.out.push(c);
        }
    }

    fn in_brackets(&self, empty: bool, value: &Value) -> bool {
        self.flow_level > 0 || empty || self.flow.unwrap_or_else(|| innermost(value))
    }

    fn flow_list(&mut self, items: &[Value]) {
        let before = self.opened("[");
        for (at, item) in items.iter().enumerate() {
            self.separated(at);
            self.node(item, Context::Item);
        }
        self.closed("]", before);
    }

    fn flow_map(&mut self, map: &Map) {
        let before = self.opened("{");
        for (at, (key, value)) in map.iter().enumerate() {
            self.separated(at);
            self.entry(key, value, false);
        }
        self.closed("}", before);
    }

    fn opened(&mut self, bracket: &str) -> Option<usize> {
        self.indicator(bracket, true, true, false);
        self.flow_level += 1;
        self.deeper(true, false)
    }

    fn separated(&mut self, at: usize) {
        if at > 0 {
            self.indicator(",", false, false, false);
        }
        if self.column > self.width {
            self.new_line();
        }
    }

    fn closed(&mut self, bracket: &str, before: Option<usize>) {
        self.flow_level -= 1;
        self.indent = before;
        self.indicator(bracket, false, false, false);
    }

    fn block_list(&mut self, items: &[Value], context: Context) {
        let indentless = context == Context::Entry && !self.indention;
        let before = self.deeper(false, indentless);
        for item in items {
            self.new_line();
            self.indicator("-", true, false, true);
            self.node(item, Context::Item);
        }
        self.indent = before;
    }

    fn block_map(&mut self, map: &Map) {
        let before = self.deeper(false, false);
        for (key, value) in map {
            self.new_line();
            self.entry(key, value, true);
        }
        self.indent = before;
    }

    fn entry(&mut self, key: &str, value: &Value, block: bool) {
        let simple = key.len() <= SIMPLE_KEY && !scalar::Analysis::of(key).multiline;
        if simple {
            self.scalar(key, false, Context::SimpleKey);
            self.indicator(":", false, false, false);
        } else {
            self.indicator("?", true, false, block);
            self.scalar(key, false, Context::Entry);
            if block || self.column > self.width {
                self.new_line();
            }
            self.indicator(":", true, false, block);
        }
        self.node(value, Context::Entry);
    }

    /// Indents what is opened; gives what to go back to.
    fn deeper(&mut self, flow: bool, indentless: bool) -> Option<usize> {
        let before = self.indent;
        self.indent = Some(match before {
            None if flow => self.step,
            None => 0,
            Some(indent) if indentless => indent,
            Some(indent) => indent + self.step,
        });
        before
    }

    /// Starts a line, unless this one has nothing but the right indentation.
    fn new_line(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || self.column == indent && !self.whitespace {
            self.line_break();
        }
        while self.column < indent && !self.full() {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn line_break(&mut self) {
        self.write('\n');
        self.column = 0;
    }

    fn put(&mut self, c: char) {
        self.write(c);
        self.column += 1;
    }

    fn indicator(&mut self, text: &str, apart: bool, whitespace: bool, indention: bool) {
        if apart && !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|c| self.put(c));
        self.whitespace = whitespace;
        self.indention = self.indention && indention;
    }

    /// A scalar; `resolved` where its text is meant as what it is read as.
    fn scalar(&mut self, text: &str, resolved: bool, context: Context) {
        let key = context == Context::SimpleKey;
        let style = scalar::style(text, resolved, self.flow_level > 0, key);
        let before = self.deeper(true, false);
        match style {
            Style::Plain => self.plain(text, !key),
            Style::Single => self.single(text, !key),
            Style::Double => self.double(text, !key),
        }
        self.indent = before;
    }

    fn plain(&mut self, text: &str, breaks: bool) {
        // A plain scalar of several lines is never chosen.
        if !self.whitespace && !text.is_empty() {
            self.put(' ');
        }
        let mut spaces = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let folds = breaks && !spaces && self.column > self.width;
            if c == ' ' && folds && chars.peek() != Some(&' ') {
                self.new_line();
            } else {
                self.put(c);
            }
            spaces = c == ' ';
            self.indention &= spaces;
        }
        self.whitespace = false;
        self.indention = false;
    }

    fn single(&mut self, text: &str, breaks: bool) {
        self.indicator("'", true, false, false);
        let (mut spaces, mut broken) = (false, false);
        let mut chars = text.chars().enumerate().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            if c == ' ' {
                let folds = breaks && !spaces && self.column > self.width && at > 0;
                if folds && next.is_some_and(|next| next != ' ') {
                    self.new_line()
                } else {
                    self.put(c)
                }
                spaces = true;
            } else if scalar::is_break(c) {
                if !broken && c == '\n' {
                    self.line_break();
                }
                match c {
                    '\n' => self.line_break(),
                    other => {
                        self.write(other);
                        self.column = 0;
                    }
                }
                self.indention = true;
                broken = true;
            } else {
                if broken {
                    self.new_line();
                }
                if c == '\'' {
                    self.put(c);
                }
                self.put(c);
                self.indention = false;
                (spaces, broken) = (false, false);
            }
        }
        if broken {
            self.new_line();
        }
        self.indicator("'", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn double(&mut self, text: &str, breaks: bool) {
        self.indicator("\"", true, false, false);
        let mut spaces = false;
        let mut chars = text.chars().enumerate().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            if c == ' ' {
                let folds = breaks && !spaces && self.column > self.width && at > 0;
                if folds && next.is_some() {
                    self.new_line();
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                match scalar::escape(c) {
                    Some(escape) => escape.chars().for_each(|c| self.put(c)),
                    None => self.put(c),
                }
                spaces = false;
            }
        }
        self.indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }
}

/// Whether nothing in it is a collection.
fn innermost(value: &Value) -> bool {
    let scalar = |value: &Value| !value.is_array() && !value.is_object();
    match value {
        Value::Array(items) => items.iter().all(scalar),
        Value::Object(map) => map.values().all(scalar),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
