//! What stands between operators: values, paths, calls, filters and tests.

use super::{
    Escapes, Expr,
    expression::{Args, Step},
    parse::{self, MAX_ROW, Parsed, Parser, Use, shown},
    pieces::{PieceKind, pieces},
    tokens::Token,
};
use crate::vars::Style;

/// Sections of an environment file, below which names may have dashes.
const SECTIONS: &[&str] = &[
    "hosts", "jobs", "keys", "roles", "secrets", "services", "stacks", "targets", "tasks",
];

impl Parser {
    pub(super) fn primary(&mut self) -> Parsed {
        let Some((token, range)) = self.tokens.get(self.at).cloned() else {
            return Err("an expression is expected at the end".to_owned());
        };
        self.at += 1;
        match token {
            Token::Name(name) => Ok(match name.as_str() {
                "true" | "True" => Expr::Literal("true".to_owned()),
                "false" | "False" => Expr::Literal("false".to_owned()),
                "none" | "None" => Expr::Literal("none".to_owned()),
                _ => Expr::Name(name, range),
            }),
            Token::Number(number) => Ok(Expr::Literal(number)),
            Token::Text(mut text) => {
                // Texts side by side are one text, as in Python.
                while let Some(Token::Text(more)) = self.peek() {
                    text.push_str(more);
                    self.at += 1;
                }
                if self.embedded {
                    return embedded(text, &mut self.uses);
                }
                Ok(Expr::Text(text))
            }
            Token::Sign("(") => self.group(),
            Token::Sign("[") => Ok(Expr::List(self.items("]")?)),
            Token::Sign("{") => self.dict(),
            token => Err(format!("{} is not expected here", shown(&token))),
        }
    }

    fn group(&mut self) -> Parsed {
        if self.sign(")") {
            return Ok(Expr::Tuple(Vec::new()));
        }
        let first = self.expression()?;
        if self.sign(")") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.sign(",") {
            if matches!(self.peek(), Some(Token::Sign(")"))) {
                break;
            }
            items.push(self.expression()?);
        }
        self.expect(")")?;
        Ok(Expr::Tuple(items))
    }

    fn items(&mut self, end: &str) -> Result<Vec<Expr>, String> {
        let mut items = Vec::new();
        while !self.sign(end) {
            items.push(self.expression()?);
            if !self.sign(",") {
                self.expect(end)?;
                break;
            }
        }
        Ok(items)
    }

    fn dict(&mut self) -> Parsed {
        let mut pairs = Vec::new();
        while !self.sign("}") {
            let key = self.expression()?;
            self.expect(":")?;
            pairs.push((key, self.expression()?));
            if !self.sign(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(Expr::Dict(pairs))
    }

    pub(super) fn postfix(&mut self, mut on: Expr) -> Parsed {
        let section = matches!(&on, Expr::Name(name, _) if SECTIONS.contains(&name.as_str()));
        let mut length = 0;
        loop {
            length += 1;
            if length > MAX_ROW {
                return Err(format!("a path has more than {MAX_ROW} steps"));
            }
            if self.sign(".") {
                let step = match self.peek() {
                    Some(Token::Number(index)) => {
                        let index = index.clone();
                        self.at += 1;
                        Step::Item(Expr::Literal(index))
                    }
                    _ => {
                        let name = self.name()?;
                        Step::Name(if section { self.dashed(name) } else { name })
                    }
                };
                match step {
                    Step::Name(name) if self.sign("(") => {
                        on = Expr::Method(Box::new(on), name, self.args()?);
                    }
                    step => on = self.step(on, step),
                }
            } else if self.sign("[") {
                on = self.subscript(on)?;
            } else if self.sign("(") {
                let args = self.args()?;
                if let (Expr::Name(function, _), Some(Expr::Text(name))) =
                    (&on, args.positional.first())
                    && ["lookup", "query", "q"].contains(&function.as_str())
                {
                    let name = name.rsplit('.').next().unwrap_or_default();
                    self.uses.push(Use::Lookup(name.to_owned()));
                    self.uses.extend(files(name, &args));
                }
                on = Expr::Call(Box::new(on), args);
            } else {
                return Ok(on);
            }
        }
    }

    /// A name of an environment file goes on after a dash that touches both sides.
    fn dashed(&mut self, mut name: String) -> String {
        while let (
            Some((_, before)),
            Some((Token::Sign("-"), dash)),
            Some((Token::Name(more) | Token::Number(more), after)),
        ) = (
            self.tokens.get(self.at.wrapping_sub(1)),
            self.tokens.get(self.at),
            self.tokens.get(self.at + 1),
        ) {
            if before.end != dash.start || dash.end != after.start {
                break;
            }
            name.push('-');
            name.push_str(more);
            self.at += 2;
        }
        name
    }

    fn step(&self, on: Expr, step: Step) -> Expr {
        let end = self
            .at
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .map_or(0, |(_, range)| range.end);
        match on {
            Expr::Path(root, mut steps, _) => {
                steps.push(step);
                Expr::Path(root, steps, end)
            }
            other => Expr::Path(Box::new(other), vec![step], end),
        }
    }

    fn subscript(&mut self, on: Expr) -> Parsed {
        let mut bounds = [None, None, None];
        let mut colons = 0;
        while !self.sign("]") {
            if self.sign(":") {
                colons += 1;
                if colons > 2 {
                    return Err("a slice has at most three parts".to_owned());
                }
            } else if bounds[colons].is_none() {
                bounds[colons] = Some(Box::new(self.expression()?));
            } else {
                self.expect("]")?;
            }
        }
        if colons > 0 {
            return Ok(Expr::Slice(Box::new(on), bounds));
        }
        match bounds[0].take() {
            Some(item) => Ok(self.step(on, Step::Item(*item))),
            None => Err("`[]` names no item".to_owned()),
        }
    }

    pub fn args(&mut self) -> Result<Args, String> {
        let mut args = Args::default();
        while !self.sign(")") {
            let named = matches!(self.peek(), Some(Token::Name(_)))
                && matches!(self.tokens.get(self.at + 1), Some((Token::Sign("="), _)));
            if named {
                let name = self.name()?;
                self.expect("=")?;
                if args.named.iter().any(|(known, _)| *known == name) {
                    return Err(format!("the argument `{name}` is given twice"));
                }
                args.named.push((name, self.expression()?));
            } else if matches!(self.peek(), Some(Token::Sign("*" | "**"))) {
                return Err("`*` before an argument is not supported".to_owned());
            } else {
                args.positional.push(self.expression()?);
            }
            if !self.sign(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(args)
    }

    /// `| name(…)` and `is name …`, as many as there are.
    pub(super) fn filters(&mut self, mut on: Expr) -> Parsed {
        let mut length = 0;
        loop {
            length += 1;
            if length > MAX_ROW {
                return Err(format!("more than {MAX_ROW} filters stand in a row"));
            }
            if self.sign("|") {
                let (name, args) = self.filter()?;
                on = Expr::Filter(Box::new(on), name, args);
            } else if self.word("is") {
                on = self.test(on)?;
            } else if matches!(on, Expr::Filter(..)) && self.sign("(") {
                on = Expr::Call(Box::new(on), self.args()?);
            } else {
                return Ok(on);
            }
        }
    }

    pub fn filter(&mut self) -> Result<(String, Args), String> {
        let name = self.dotted()?;
        self.uses.push(Use::Filter(name.clone()));
        let args = if self.sign("(") {
            self.args()?
        } else {
            Args::default()
        };
        Ok((name, args))
    }

    fn test(&mut self, on: Expr) -> Parsed {
        let negated = self.word("not");
        let name = self.dotted()?;
        self.uses.push(Use::Test(name.clone()));
        let ends = ["else", "or", "and", "is", "if", "not", "in"];
        let args = if self.sign("(") {
            self.args()?
        } else {
            let argument = match self.peek() {
                Some(Token::Name(name)) => !ends.contains(&name.as_str()),
                Some(Token::Text(_) | Token::Number(_) | Token::Sign("[" | "{")) => true,
                _ => false,
            };
            let mut args = Args::default();
            if argument {
                let primary = self.primary()?;
                args.positional.push(self.postfix(primary)?);
            }
            args
        };
        Ok(Expr::Test(Box::new(on), name, args, negated))
    }

    /// A filter's or test's name without the collection it may be written with.
    fn dotted(&mut self) -> Result<String, String> {
        let mut name = self.name()?;
        while self.sign(".") {
            name = self.name()?;
        }
        Ok(name)
    }
}

/// The files that a look-up reads whatever holds, where their names are written out and it does not tolerate that they are
/// not there.
fn files(lookup: &str, args: &Args) -> Vec<Use> {
    let kind = match lookup {
        "file" => "files",
        "template" => "templates",
        _ => return Vec::new(),
    };
    if args.named.iter().any(|(name, _)| name == "errors") {
        return Vec::new();
    }
    let names = args.positional.iter().skip(1);
    let literal = names.filter_map(|name| match name {
        Expr::Text(name) => Some(name.clone()),
        _ => None,
    });
    literal.map(|name| Use::File { kind, name }).collect()
}

/// A text in quotes as what its templates come to: of one that is a template alone its value, else a text.
fn embedded(text: String, uses: &mut Vec<Use>) -> Parsed {
    let style = Style::default();
    if !style.is_template(&text) {
        return Ok(Expr::Text(text));
    }
    let mut parts = Vec::new();
    for piece in pieces(&text, &style)? {
        let inner = &text[piece.inner];
        parts.push(match piece.kind {
            PieceKind::Data => Expr::Text(inner.to_owned()),
            PieceKind::Expression => parse::using(inner, Escapes::Kept, uses)?,
            PieceKind::Statement => {
                return Err(
                    "a text in quotes within a condition has a statement: write the condition without it"
                        .to_owned(),
                );
            }
        });
    }
    Ok(match parts.len() {
        0 => Expr::Text(String::new()),
        1 => parts.remove(0),
        _ => Expr::Concat(parts),
    })
}
