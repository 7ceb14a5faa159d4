//! What a person did when the scanner says something true and useless.

use super::node::Node;
use crate::model::{Diagnostic, Source, Span};

const BARE_TEMPLATE: &str = "a template outside quotes";

/// The scanner's error at this byte, with advice where the mistake is a known one.
pub(super) fn explain(source: &Source, at: usize, info: &str) -> Diagnostic {
    let at = at.min(source.text.len());
    let start = source.text[..at]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let line = source.text[start..].lines().next().unwrap_or("");
    let span = |range| Span {
        source: source.clone(),
        range,
    };
    // The scanner often complains a line late, where the broken value met something it did not expect.
    let previous = source.text[..start.saturating_sub(1)]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    for (offset, line) in [
        (start, line),
        (
            previous,
            source.text[previous..].lines().next().unwrap_or(""),
        ),
    ] {
        if let Some(column) = bare_template(line) {
            let range = offset + column..offset + line.trim_end().len();
            return Diagnostic::error(
                BARE_TEMPLATE,
                "YAML reads `{` as the start of a mapping",
                span(range.clone()),
            )
            .help(quoted(&source.text[range]));
        }
    }
    let here = Diagnostic::error(
        "not valid YAML",
        info,
        span(at..at + source.text[at..].chars().next().map_or(0, char::len_utf8)),
    );
    if let Some(help) = unclosed(info).filter(|_| !line.starts_with('\t')) {
        return here.help(help);
    }
    if let Some(column) = second_colon(line) {
        return here.help(format!(
            "the value holds `: `, which starts a mapping; write it in quotes: {}",
            quoted_value(&line[column..])
        ));
    }
    if line.trim_start_matches(' ').starts_with('\t') || line[..at - start].contains('\t') {
        return here.help("YAML indents with spaces; there is a tab in this line");
    }
    here
}

/// What is never closed: of lines in brackets or quotes the scanner complains only where it was not helped over them.
fn unclosed(info: &str) -> Option<&'static str> {
    match info {
        "invalid indentation in quoted scalar" => Some("the quote that opens here is not closed"),
        "invalid indentation" | "invalid indentation in flow construct" => {
            Some("a bracket that opens before this place is not closed")
        }
        _ => None,
    }
}

/// Whether this is the mistake of an unquoted template, after which the scanner's own error says nothing more.
pub(super) fn is_bare_template(diagnostic: &Diagnostic) -> bool {
    diagnostic.summary == BARE_TEMPLATE
}

/// A mapping or a list where a key is expected; `{{ x }}` without quotes reads as one.
pub(super) fn key_is_a_collection(node: &Node) -> Diagnostic {
    let text = &node.span.source.text;
    let start = node.span.range.start;
    if start > 0 && text[start..].starts_with('{') && text[..start].ends_with('{') {
        let line = text[start - 1..].lines().next().unwrap_or("").trim_end();
        return Diagnostic::error(
            BARE_TEMPLATE,
            "YAML reads `{` as the start of a mapping",
            Span {
                source: node.span.source.clone(),
                range: start - 1..start - 1 + line.len(),
            },
        )
        .help(quoted(line));
    }
    Diagnostic::error(
        "a key that is no text",
        format!("{} cannot be a key", node.noun()),
        node.span.clone(),
    )
}

/// Where a value begins with `{{` outside quotes.
fn bare_template(line: &str) -> Option<usize> {
    [": {{", "- {{", ":  {{"]
        .iter()
        .filter_map(|mark| line.find(mark).map(|at| at + mark.len() - 2))
        .min()
}

/// Where the value of a `key: value: more` line begins.
fn second_colon(line: &str) -> Option<usize> {
    let first = line.find(": ")?;
    let value = first + 2 + line[first + 2..].len() - line[first + 2..].trim_start().len();
    let rest = &line[value..];
    (!rest.starts_with(['"', '\'', '[', '{', '|', '>'])
        && (rest.contains(": ") || rest.trim_end().ends_with(':')))
    .then_some(value)
}

fn quoted(value: &str) -> String {
    format!("write it in quotes: {}", quoted_value(value))
}

fn quoted_value(value: &str) -> String {
    let value = value.trim_end();
    if value.contains('"') {
        format!("'{}'", value.replace('\'', "''"))
    } else {
        format!("\"{value}\"")
    }
}
