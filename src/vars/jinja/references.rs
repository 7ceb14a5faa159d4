//! The free variables of a text, for checks before anything runs.

use std::{collections::HashSet, ops::Range};

use super::{
    Escapes, Expr,
    expression::Step,
    parse,
    pieces::{PieceKind, pieces},
};
use crate::vars::Style;

/// A name with the constant attributes and subscripts behind it, and where all of it stands.
type Path = (Vec<String>, Range<usize>);

/// Every free path of a text with its place, in the order they stand. Names that the text itself sets are left out.
pub(in crate::vars) fn references(text: &str) -> Result<Vec<Path>, String> {
    let mut found = Vec::new();
    let mut bound: HashSet<String> = ["loop", "super", "self", "caller", "varargs", "kwargs"]
        .map(str::to_owned)
        .into();
    for piece in pieces(text, &Style::default())? {
        let inner = &text[piece.inner.clone()];
        let offset = piece.inner.start;
        match piece.kind {
            PieceKind::Expression => {
                collect(&parse::whole(inner, Escapes::Kept)?, offset, &mut found);
            }
            PieceKind::Statement => statement(inner, offset, &mut bound, &mut found)?,
            PieceKind::Data => {}
        }
    }
    found.retain(|(path, _)| !bound.contains(&path[0]));
    Ok(found)
}

/// The expressions of the statements that have one; what they bind is noted.
fn statement(
    inner: &str,
    offset: usize,
    bound: &mut HashSet<String>,
    found: &mut Vec<Path>,
) -> Result<(), String> {
    let trimmed = inner.trim_start();
    let offset = offset + inner.len() - trimmed.len();
    let (tag, rest) = match trimmed.find(char::is_whitespace) {
        Some(at) => (&trimmed[..at], &trimmed[at..]),
        None => return Ok(()),
    };
    let names = |text: &str, bound: &mut HashSet<String>| {
        bound.extend(
            text.split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
        );
    };
    let expression = match tag {
        "if" | "elif" => Some(rest),
        "for" => rest.find(" in ").map(|at| {
            names(&rest[..at], bound);
            &rest[at + 4..]
        }),
        "set" => match rest.find('=') {
            Some(at) => {
                names(&rest[..at], bound);
                Some(&rest[at + 1..])
            }
            None => {
                names(rest, bound);
                None
            }
        },
        "macro" | "from" | "import" | "with" => {
            names(rest, bound);
            None
        }
        _ => None,
    };
    if let Some(expression) = expression {
        let at =
            offset + trimmed.len() - expression.len() - (trimmed.len() - tag.len() - rest.len());
        let mut parser = parse::Parser::new(expression, Escapes::Read)?;
        let parsed = if tag == "for" {
            parser.or()?
        } else {
            parser.expression_or_tuple()?
        };
        collect(&parsed, at, found);
        if tag == "for" && parser.word("if") {
            collect(&parser.expression()?, at, found);
        }
    }
    Ok(())
}

fn collect(expr: &Expr, offset: usize, found: &mut Vec<Path>) {
    match expr {
        Expr::Name(name, range) => {
            found.push((vec![name.clone()], offset + range.start..offset + range.end));
        }
        Expr::Path(root, steps, end) => {
            let Expr::Name(name, range) = &**root else {
                return each(expr, offset, found);
            };
            let mut path = vec![name.clone()];
            for step in steps {
                match step {
                    Step::Name(step) | Step::Item(Expr::Text(step) | Expr::Literal(step)) => {
                        path.push(step.clone());
                    }
                    Step::Item(_) => break,
                }
            }
            found.push((path, offset + range.start..offset + end));
            for step in steps {
                if let Step::Item(item) = step {
                    collect(item, offset, found);
                }
            }
        }
        // The name of a function is no variable.
        Expr::Call(on, args) if matches!(**on, Expr::Name(..)) => {
            for part in args
                .positional
                .iter()
                .chain(args.named.iter().map(|(_, v)| v))
            {
                collect(part, offset, found);
            }
        }
        _ => each(expr, offset, found),
    }
}

fn each(expr: &Expr, offset: usize, found: &mut Vec<Path>) {
    for part in expr.parts() {
        collect(part, offset, found);
    }
}
