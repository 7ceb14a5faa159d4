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
mod expression;
mod parse;
mod pieces;
mod references;
mod statement;
mod terms;
mod tokens;

pub(super) use references::references;

use expression::Expr;
use pieces::{Piece, PieceKind};

/// Where a text comes from, which decides what a backslash in it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A playbook or environment file: backslashes in quoted texts stay.
    Playbook,
    /// A template file: backslashes are escapes.
    File,
}

/// A text, translated.
pub(super) enum Translated {
    /// One expression and nothing else.
    Expression(String),
    /// A template.
    Template(String),
}

/// Translates a text with templates.
pub(super) fn template(text: &str, origin: Origin) -> Result<Translated, String> {
    let pieces = pieces::pieces(text)?;
    if origin == Origin::Playbook
        && let [
            Piece {
                kind: PieceKind::Expression,
                inner,
                ..
            },
        ] = pieces.as_slice()
    {
        return expression(&text[inner.clone()], origin).map(Translated::Expression);
    }
    let mut out = String::with_capacity(text.len() * 2);
    for piece in &pieces {
        let whole = &text[piece.range.clone()];
        let inner = &text[piece.inner.clone()];
        match piece.kind {
            PieceKind::Data | PieceKind::Comment => out.push_str(whole),
            PieceKind::Expression => {
                out.push_str(&text[piece.range.start..piece.inner.start]);
                out.push(' ');
                // Beside other text, what a condition without `else` leaves out is no mistake.
                let written = parse::whole(inner, origin)?.or_nothing();
                out.push_str(&emit::emit(&written));
                out.push(' ');
                out.push_str(&text[piece.inner.end..piece.range.end]);
            }
            PieceKind::Statement => {
                out.push_str(&text[piece.range.start..piece.inner.start]);
                out.push(' ');
                out.push_str(&statement::translate(inner, origin)?);
                out.push(' ');
                out.push_str(&text[piece.inner.end..piece.range.end]);
            }
        }
    }
    Ok(Translated::Template(out))
}

/// Translates a bare expression.
pub(super) fn expression(text: &str, origin: Origin) -> Result<String, String> {
    let parsed = parse::whole(text, origin)?;
    Ok(emit::emit(&parsed))
}
