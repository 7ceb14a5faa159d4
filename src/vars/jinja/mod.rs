//! Jinja as Ansible writes it, translated into what the engine evaluates the same way.
//!
//! The engine's own operators differ from Python's in places that make no noise: comparisons of unlike types, `%` on
//! texts, growth without bound by `~`, attributes of something undefined. So every expression is parsed here and
//! written again with calls to functions of ours (`_get`, `_compare`, `_add`, `_cat`, …) in the place of those
//! operators. Statements keep their shape.
//!
//! A path that starts at a section of an environment file may have dashes: `hosts.web-1.address` is one path when no
//! space stands around the dash and a letter or digit follows it.

mod emit;
mod escapes;
mod expression;
mod parse;
mod pieces;
mod references;
mod statement;
mod terms;
mod tokens;

pub(super) use escapes::Escapes;
pub(super) use parse::Use;
pub(super) use references::references;

use expression::Expr;
use pieces::{Piece, PieceKind};

use super::Style;
use crate::model::Value;

/// A text, translated.
pub(super) enum Translated {
    /// One expression and nothing else.
    Expression(String),
    /// A template. Nothing in it is left to the engine's own treatment of blanks.
    Template(String),
}

/// Translates a text with templates, of which a last line break is dropped.
pub(super) fn template(text: &str, style: &Style, escapes: Escapes) -> Result<Translated, String> {
    template_using(text, style, escapes, &mut Vec::new())
}

/// As [`template`], and notes what the text names.
pub(super) fn template_using(
    text: &str,
    style: &Style,
    escapes: Escapes,
    uses: &mut Vec<Use>,
) -> Result<Translated, String> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let pieces = pieces::pieces(text, style)?;
    if let [
        Piece {
            kind: PieceKind::Expression,
            inner,
        },
    ] = pieces.as_slice()
    {
        return expression_using(&text[inner.clone()], escapes, uses).map(Translated::Expression);
    }
    let mut out = String::with_capacity(text.len() * 2);
    for piece in &pieces {
        let inner = &text[piece.inner.clone()];
        match piece.kind {
            PieceKind::Data => copied(inner, style.newline, &mut out),
            PieceKind::Expression => {
                // Beside other text, what a condition without `else` leaves out is no mistake.
                let written = parse::using(inner, escapes, uses)?.or_nothing();
                out.push_str(&format!("{{{{ {} }}}}", emit::emit(&written)));
            }
            PieceKind::Statement => {
                let written = statement::translate(inner, Escapes::Read, uses)?;
                out.push_str(&format!("{{% {written} %}}"));
            }
        }
    }
    Ok(Translated::Template(out))
}

/// Writes text that is copied so that the engine sees no tag in it.
fn copied(text: &str, newline: &str, out: &mut String) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\n', _) => out.push_str(newline),
            ('{', None | Some('{' | '%' | '#')) => out.push_str("{{ \"{\" }}"),
            _ => out.push(c),
        }
    }
}

/// Translates a condition, which needs no delimiters and whose quoted texts have Python's escapes.
pub(super) fn condition(text: &str) -> Result<String, String> {
    condition_using(text, &mut Vec::new())
}

/// As [`condition`], and notes what the text names.
pub(super) fn condition_using(text: &str, uses: &mut Vec<Use>) -> Result<String, String> {
    parse::condition(text, uses).map(|parsed| emit::emit(&parsed))
}

/// Translates an expression between delimiters, and notes what it names.
fn expression_using(text: &str, escapes: Escapes, uses: &mut Vec<Use>) -> Result<String, String> {
    parse::using(text, escapes, uses).map(|parsed| emit::emit(&parsed))
}

/// The value of a text that is one constant of Python's and nothing else.
pub(super) fn constant(text: &str) -> Option<Value> {
    match parse::whole(text, Escapes::Read).ok()? {
        Expr::Text(text) => Some(Value::String(text)),
        Expr::Literal(word) if word == "true" => Some(Value::Bool(true)),
        Expr::Literal(word) if word == "false" => Some(Value::Bool(false)),
        _ => None,
    }
}
