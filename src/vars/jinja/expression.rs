//! An expression.

use std::ops::Range;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// A variable, with where it stands.
    Name(String, Range<usize>),
    /// A number, a boolean or nothing, as the engine writes it.
    Literal(String),
    Text(String),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    Dict(Vec<(Expr, Expr)>),
    /// `a.b['c']`, with where the path ends.
    Path(Box<Expr>, Vec<Step>, usize),
    Slice(Box<Expr>, [Option<Box<Expr>>; 3]),
    Call(Box<Expr>, Args),
    Method(Box<Expr>, String, Args),
    Filter(Box<Expr>, String, Args),
    Test(Box<Expr>, String, Args, bool),
    Not(Box<Expr>),
    Sign(&'static str, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Concat(Vec<Expr>),
    Compare(Box<Expr>, Vec<(&'static str, Expr)>),
    If {
        then: Box<Expr>,
        condition: Box<Expr>,
        other: Option<Box<Expr>>,
    },
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// `.name`
    Name(String),
    /// `[…]`
    Item(Expr),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Args {
    pub positional: Vec<Expr>,
    pub named: Vec<(String, Expr)>,
}

impl Expr {
    /// The same, with an empty text for what a condition without `else` leaves out.
    pub fn or_nothing(self) -> Self {
        match self {
            Expr::If {
                then,
                condition,
                other,
            } => Expr::If {
                then,
                condition,
                other: Some(Box::new(
                    other.map_or(Expr::Text(String::new()), |other| other.or_nothing()),
                )),
            },
            other => other,
        }
    }

    /// The expressions directly inside.
    pub fn parts(&self) -> Vec<&Expr> {
        fn of(args: &Args) -> impl Iterator<Item = &Expr> {
            args.positional
                .iter()
                .chain(args.named.iter().map(|(_, value)| value))
        }
        match self {
            Expr::Name(..) | Expr::Literal(_) | Expr::Text(_) => Vec::new(),
            Expr::List(items) | Expr::Tuple(items) | Expr::Concat(items) => items.iter().collect(),
            Expr::Dict(pairs) => pairs.iter().flat_map(|(k, v)| [k, v]).collect(),
            Expr::Path(root, steps, _) => std::iter::once(&**root)
                .chain(steps.iter().filter_map(|step| match step {
                    Step::Item(item) => Some(item),
                    Step::Name(_) => None,
                }))
                .collect(),
            Expr::Slice(of, bounds) => std::iter::once(&**of)
                .chain(bounds.iter().flatten().map(|bound| &**bound))
                .collect(),
            Expr::Call(on, args)
            | Expr::Method(on, _, args)
            | Expr::Filter(on, _, args)
            | Expr::Test(on, _, args, _) => std::iter::once(&**on).chain(of(args)).collect(),
            Expr::Not(inner) | Expr::Sign(_, inner) => vec![inner],
            Expr::Binary(_, left, right) => vec![left, right],
            Expr::Compare(first, rest) => std::iter::once(&**first)
                .chain(rest.iter().map(|(_, value)| value))
                .collect(),
            Expr::If {
                then,
                condition,
                other,
            } => [Some(then), Some(condition), other.as_ref()]
                .into_iter()
                .flatten()
                .map(|part| &**part)
                .collect(),
        }
    }
}
