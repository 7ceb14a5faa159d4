//! YAML as it was written: a tree with spans, tags, styles and raw text, which a dialect turns into values.
//!
//! The scanner is pulled event by event and the tree is built on a heap stack, so that no input can exhaust the
//! thread's own stack; budgets refuse what no person writes.

mod build;
mod cloudformation;
mod hanging;
mod hints;
mod json;
mod merge;
mod node;
mod scalar;
mod value;

pub use cloudformation::functions;
pub use node::{Kind, Node, Style};
pub use scalar::resolve;
pub use value::Dialect;

use crate::model::{Diagnostic, Source, Span, Value};

/// What a template of CloudFormation says, without its comments and with its short tags written out; none when it
/// cannot be read.
pub fn template(text: &str) -> Option<Value> {
    let root = read(&Source::new("the template", text)).ok()?;
    root.to_value(Dialect::CloudFormation).ok()
}

/// Reads a file of one document; an empty file gives a null scalar, more documents are refused.
pub fn read(source: &Source) -> Result<Node, Vec<Diagnostic>> {
    let mut documents = read_all(source)?;
    if documents.len() > 1 {
        let second = documents.swap_remove(1);
        return Err(vec![
            Diagnostic::error(
                "more than one document",
                "a second document starts here",
                second.span,
            )
            .help("this file is read as one document; remove the `---` between them"),
        ]);
    }
    Ok(documents.pop().unwrap_or_else(|| Node {
        span: Span {
            source: source.clone(),
            range: 0..0,
        },
        tag: None,
        style: Style::Plain,
        kind: Kind::Scalar(String::new()),
    }))
}

/// Reads every document of a file; an empty file has none.
pub fn read_all(source: &Source) -> Result<Vec<Node>, Vec<Diagnostic>> {
    build::documents(source).map(|read| read.documents)
}

/// Where a file says `*NAME` for what is written elsewhere; nowhere when it cannot be read.
pub fn aliases(source: &Source) -> Vec<Span> {
    match source.text.contains('*') {
        true => build::documents(source).map_or(Vec::new(), |read| read.aliases),
        false => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Node, Vec<Diagnostic>> {
        read(&Source::new("t.yml", text))
    }

    fn said(text: &str) -> String {
        one(text)
            .unwrap_err()
            .iter()
            .map(|d| format!("{}: {}: {}", d.origin(), d.summary, d.label))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn spans_are_bytes_also_after_other_scripts() {
        let node = one("ключ: значение\nb: 'c'\n").unwrap();
        let (key, value) = &node.pairs().unwrap()[1];
        assert_eq!(&key.span.source.text[key.span.range.clone()], "b");
        assert_eq!(&value.span.source.text[value.span.range.clone()], "'c'");
    }

    #[test]
    fn a_merge_key_fills_what_is_missing() {
        let node = one("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n").unwrap();
        assert_eq!(
            node.to_value(Dialect::Ansible).unwrap()["b"],
            serde_json::json!({"x": 1, "y": 3})
        );
    }

    #[test]
    fn a_key_written_twice_is_refused_at_the_second() {
        assert_eq!(
            said("a: 1\nb: 2\na: 3\n"),
            "t.yml:3:1: duplicate key: `a` stands in this mapping already, on line 1"
        );
    }

    #[test]
    fn deep_and_wide_input_is_refused_not_suffered() {
        assert!(said(&"- ".repeat(20_000)).contains("too deep"));
        // The scanner has its own limit for brackets.
        assert!(said(&"[".repeat(20_000)).contains("not valid YAML"));
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned()
            + &('b'..='h')
                .map(|c| {
                    let before = char::from(c as u8 - 1);
                    let refs = vec![format!("*{before}"); 9].join(",");
                    format!("{c}: &{c} [{refs}]\n")
                })
                .collect::<String>();
        assert!(said(&bomb).contains("aliases"));
    }

    #[test]
    fn the_two_classic_mistakes_get_advice() {
        let colon = one("- shell: echo foo: bar\n").unwrap_err();
        assert!(
            colon[0].help.as_ref().unwrap().contains("quotes"),
            "{colon:?}"
        );
        let bare = one("a: {{ x }}\n").unwrap_err();
        assert_eq!(bare[0].summary, "a template outside quotes");
        let bare = one("a: {{ x }}/y\n").unwrap_err();
        assert_eq!(bare[0].summary, "a template outside quotes");
    }

    #[test]
    fn an_empty_file_is_null_and_two_documents_are_one_too_many() {
        assert!(one("").unwrap().is_null());
        assert!(one("---\n").unwrap().is_null());
        assert!(said("a: 1\n---\nb: 2\n").contains("second document"));
    }
}
