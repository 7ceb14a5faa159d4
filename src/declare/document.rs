//! A TOML file as a tree in which every key and value knows where it stands.

use std::ops::Range;

use indexmap::IndexMap;
use toml::de::{DeTable, DeValue};

use super::brackets;
use crate::model::{Diagnostic, Map, Source, Value};

/// A value and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// What stands there.
    pub data: Data,
    /// Where it stands; a table's range is its header or braces.
    pub range: Range<usize>,
}

/// What a TOML value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Text, a number or a boolean.
    Scalar(Value),
    /// A date or a time, which no key of ours takes.
    Datetime(String),
    /// A list.
    Array(Vec<Tree>),
    /// A table, in the order it was written.
    Table(Table),
    /// A number that cannot be read, which was told.
    Unread,
}

/// What stands under each key, in the order it was written.
pub type Table = IndexMap<String, Entry>;

/// A value with the place of its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where the key stands.
    pub range: Range<usize>,
    /// The value.
    pub value: Tree,
}

/// Mistakes of grammar that are kept: more of them are one mistake at the beginning, told again and again.
const MISTAKES: usize = 1000;

/// What is wrong with the text of a file.
#[derive(Debug, Default)]
pub struct Wrong {
    /// Mistakes of its grammar: where one is, nobody knows what the rest means.
    pub grammar: Vec<Diagnostic>,
    /// Numbers that cannot be read.
    pub numbers: Vec<Diagnostic>,
}

/// Reads a TOML file. Gives what could be read, and everything that is wrong with its text.
pub fn parse(source: &Source) -> (Tree, Wrong) {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    let mut grammar = Vec::new();
    let open = brackets::unclosed(&source.text);
    for error in errors.iter().take(MISTAKES) {
        let range = error.span().unwrap_or(0..0);
        if let Some(open) = open.filter(|open| *open < range.start) {
            grammar.push(unclosed(source, open, range.start));
            // What else is said is of lines within it.
            break;
        }
        grammar.push(Diagnostic::error(
            "this is not TOML",
            error.message(),
            source.span(range),
        ));
    }
    let mut reader = Reader {
        source,
        numbers: Vec::new(),
    };
    let tree = reader.table(table.get_ref(), table.span());
    let numbers = reader.numbers;
    (tree, Wrong { grammar, numbers })
}

/// That a list or table which is opened at one place is not closed where another says that it should be.
fn unclosed(source: &Source, open: usize, missed: usize) -> Diagnostic {
    let (what, bracket) = match source.text.as_bytes()[open] {
        b'{' => ("table", "}"),
        _ => ("list", "]"),
    };
    let line = source.origin(missed).line;
    let label = format!("the {what} that begins here is not closed where line {line} needs it");
    Diagnostic::error("this is not TOML", label, source.span(open..open + 1))
        .help(format!("each bracket needs its `{bracket}`"))
}

struct Reader<'a> {
    source: &'a Source,
    numbers: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn value(&mut self, value: &DeValue<'_>, range: Range<usize>) -> Tree {
        let data = match value {
            DeValue::String(text) => Data::Scalar(Value::from(text.as_ref())),
            DeValue::Boolean(on) => Data::Scalar(Value::from(*on)),
            DeValue::Integer(number) => {
                let read = i64::from_str_radix(number.as_str(), number.radix()).ok();
                self.number(read.map(Value::from), &range)
            }
            DeValue::Float(number) => {
                let read = number.as_str().parse::<f64>().ok();
                self.number(
                    read.filter(|read| read.is_finite()).map(Value::from),
                    &range,
                )
            }
            DeValue::Datetime(time) => Data::Datetime(time.to_string()),
            DeValue::Array(items) => Data::Array(
                items
                    .iter()
                    .map(|item| self.value(item.get_ref(), item.span()))
                    .collect(),
            ),
            DeValue::Table(table) => return self.table(table, range),
        };
        Tree { data, range }
    }

    /// A number that JSON has as well; everything else is a mistake.
    fn number(&mut self, read: Option<Value>, range: &Range<usize>) -> Data {
        if read.is_none() {
            let written = self.source.text.get(range.clone()).unwrap_or_default();
            let (summary, label) = if written.matches('.').count() > 1 {
                ("this is no number", "an address or a version is a text")
            } else {
                (
                    "this number cannot be read",
                    "whole numbers have 64 bits, and no number is infinite",
                )
            };
            let span = self.source.span(range.clone());
            let mistake = Diagnostic::error(summary, label, span);
            self.numbers
                .push(mistake.help("write it as text, in quotes"));
        }
        read.map_or(Data::Unread, Data::Scalar)
    }

    fn table(&mut self, table: &DeTable<'_>, range: Range<usize>) -> Tree {
        let entries = table
            .iter()
            .map(|(key, value)| {
                let entry = Entry {
                    range: key.span(),
                    value: self.value(value.get_ref(), value.span()),
                };
                (key.get_ref().to_string(), entry)
            })
            .collect();
        Tree {
            data: Data::Table(entries),
            range,
        }
    }
}

impl Tree {
    /// The entry of this key, if this is a table that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.data {
            Data::Table(entries) => entries.get(key),
            _ => None,
        }
    }

    /// The value at the end of these keys and indices.
    pub fn at(&self, path: &[&str]) -> Option<&Tree> {
        let Some((first, rest)) = path.split_first() else {
            return Some(self);
        };
        let next = match &self.data {
            Data::Table(_) => &self.entry(first)?.value,
            Data::Array(items) => items.get(first.parse::<usize>().ok()?)?,
            _ => return None,
        };
        next.at(rest)
    }

    /// Where the last key of this path stands, or the nearest thing above it that is there.
    pub fn key_range(&self, path: &[&str]) -> Range<usize> {
        let mut range = self.range.clone();
        let mut tree = self;
        for step in path {
            tree = match &tree.data {
                Data::Table(_) => match tree.entry(step) {
                    Some(entry) => {
                        range = entry.range.clone();
                        &entry.value
                    }
                    None => return range,
                },
                Data::Array(items) => match step.parse::<usize>().ok().and_then(|n| items.get(n)) {
                    Some(item) => {
                        range = item.range.clone();
                        item
                    }
                    None => return range,
                },
                _ => return range,
            };
        }
        range
    }

    /// The same as plain values.
    pub fn value(&self) -> Value {
        match &self.data {
            Data::Scalar(value) => value.clone(),
            Data::Datetime(text) => Value::from(text.as_str()),
            Data::Unread => Value::Null,
            Data::Array(items) => items.iter().map(Tree::value).collect(),
            Data::Table(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, entry)| (key.clone(), entry.value.value()))
                    .collect::<Map>(),
            ),
        }
    }

    /// Every text in here, in the order of the file.
    pub fn texts(&self) -> Vec<Text<'_>> {
        let mut found = Vec::new();
        self.collect(&mut Vec::new(), &mut found);
        found
    }

    fn collect<'a>(&'a self, path: &mut Vec<&'a str>, found: &mut Vec<Text<'a>>) {
        match &self.data {
            Data::Scalar(Value::String(text)) => found.push(Text {
                path: path.clone(),
                text,
                range: self.range.clone(),
            }),
            Data::Scalar(_) | Data::Datetime(_) | Data::Unread => {}
            Data::Array(items) => {
                for item in items {
                    path.push("");
                    item.collect(path, found);
                    path.pop();
                }
            }
            Data::Table(entries) => {
                for (key, entry) in entries {
                    path.push(key);
                    entry.value.collect(path, found);
                    path.pop();
                }
            }
        }
    }
}

/// A text with its place.
pub struct Text<'a> {
    /// The keys that lead to it; an item of a list has an empty one.
    pub path: Vec<&'a str>,
    /// What it says.
    pub text: &'a str,
    /// Where it stands, quotes included.
    pub range: Range<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_place() {
        let source = Source::new(
            "a.toml",
            "[hosts.web]\nport = 0x16\nnames = [\"a\", \"b\"]\n",
        );
        let (tree, mistakes) = parse(&source);
        assert!(mistakes.grammar.is_empty() && mistakes.numbers.is_empty());
        let second = tree.at(&["hosts", "web", "names", "1"]).unwrap();
        assert_eq!(&source.text[second.range.clone()], "\"b\"");
        assert_eq!(tree.at(&["hosts", "web", "port"]).unwrap().value(), 22);
        assert_eq!(
            &source.text[tree.key_range(&["hosts", "web", "user"])],
            "web"
        );
    }

    #[test]
    fn numbers_are_read_as_toml_writes_them() {
        let source = Source::new(
            "a.toml",
            "a = 1_000\nb = 1_0.5e-1\nc = -0x1F\nd = -9_223_372_036_854_775_808\n",
        );
        let (tree, mistakes) = parse(&source);
        assert!(
            mistakes.grammar.len() == 1,
            "no sign before 0x: {mistakes:?}"
        );
        assert_eq!(tree.at(&["a"]).unwrap().value(), 1000);
        assert_eq!(tree.at(&["b"]).unwrap().value(), 1.05);
        assert_eq!(tree.at(&["d"]).unwrap().value(), i64::MIN);
    }
}
