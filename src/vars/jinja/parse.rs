//! From words to an expression, with Jinja's precedence.

use std::ops::Range;

use super::{
    Expr, Origin,
    expression::{Args, Step},
    tokens::{Token, tokens},
};
use crate::vars::engine::MAX_EXPRESSION;

/// How deep brackets, conditions and signs may be nested.
const MAX_DEPTH: usize = 40;
/// How many operators may stand in a row; each is a level for the engine.
const MAX_ROW: usize = 100;
/// Sections of an environment file, below which names may have dashes.
const SECTIONS: &[&str] = &[
    "hosts", "jobs", "keys", "roles", "secrets", "services", "stacks", "targets", "tasks",
];

pub(super) struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
}

type Parsed = Result<Expr, String>;

/// Parses a text that is one expression.
pub(super) fn whole(text: &str, origin: Origin) -> Parsed {
    let mut parser = Parser::new(text, origin)?;
    let parsed = parser.expression_or_tuple()?;
    parser.end()?;
    Ok(parsed)
}

impl Parser {
    pub fn new(text: &str, origin: Origin) -> Result<Self, String> {
        if text.len() > MAX_EXPRESSION {
            return Err(format!(
                "an expression may have {} KiB",
                MAX_EXPRESSION >> 10
            ));
        }
        Ok(Self {
            tokens: tokens(text, origin)?,
            at: 0,
            depth: 0,
        })
    }

    pub fn end(&self) -> Result<(), String> {
        match self.tokens.get(self.at) {
            None => Ok(()),
            Some((token, _)) => Err(format!("{} is not expected here", shown(token))),
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(found);
        found
    }

    pub fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(name)) if name == word);
        self.at += usize::from(found);
        found
    }

    fn one_of(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        signs.iter().find(|sign| self.sign(sign)).copied()
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.sign(sign) {
            return Ok(());
        }
        Err(match self.peek() {
            Some(token) => format!("expected `{sign}` before {}", shown(token)),
            None => format!("expected `{sign}` at the end"),
        })
    }

    fn name(&mut self) -> Result<String, String> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            Some(token) => Err(format!("expected a name before {}", shown(token))),
            None => Err("expected a name at the end".to_owned()),
        }
    }

    /// `a, b` without brackets is a tuple.
    pub fn expression_or_tuple(&mut self) -> Parsed {
        let first = self.expression()?;
        if !matches!(self.peek(), Some(Token::Sign(","))) {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.sign(",") {
            if self.peek().is_none() {
                break;
            }
            items.push(self.expression()?);
        }
        Ok(Expr::Tuple(items))
    }

    pub fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!(
                "an expression may be nested {MAX_DEPTH} levels deep"
            ));
        }
        let parsed = self.conditional();
        self.depth -= 1;
        parsed
    }

    fn conditional(&mut self) -> Parsed {
        let mut then = self.or()?;
        while self.word("if") {
            let condition = self.or()?;
            let other = if self.word("else") {
                Some(Box::new(self.expression()?))
            } else {
                None
            };
            then = Expr::If {
                then: Box::new(then),
                condition: Box::new(condition),
                other,
            };
        }
        Ok(then)
    }

    /// A row of operators of one precedence.
    fn row(
        &mut self,
        mut operator: impl FnMut(&mut Self) -> Option<&'static str>,
        mut operand: impl FnMut(&mut Self) -> Parsed,
    ) -> Parsed {
        let mut left = operand(self)?;
        let mut length = 0;
        while let Some(sign) = operator(self) {
            length += 1;
            if length > MAX_ROW {
                return Err(format!("more than {MAX_ROW} operators stand in a row"));
            }
            left = Expr::Binary(sign, Box::new(left), Box::new(operand(self)?));
        }
        Ok(left)
    }

    pub fn or(&mut self) -> Parsed {
        self.row(|p| p.word("or").then_some("or"), Self::and)
    }

    fn and(&mut self) -> Parsed {
        self.row(|p| p.word("and").then_some("and"), Self::not)
    }

    fn not(&mut self) -> Parsed {
        if !self.word("not") {
            return self.compare();
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("`not` may be nested {MAX_DEPTH} levels deep"));
        }
        let inner = self.not()?;
        self.depth -= 1;
        Ok(Expr::Not(Box::new(inner)))
    }

    fn compare(&mut self) -> Parsed {
        let first = self.sum()?;
        let mut rest = Vec::new();
        loop {
            let sign = if let Some(sign) = self.one_of(&["==", "!=", "<=", ">=", "<", ">"]) {
                sign
            } else if self.word("in") {
                "in"
            } else if matches!(self.peek(), Some(Token::Name(n)) if n == "not")
                && matches!(self.tokens.get(self.at + 1), Some((Token::Name(n), _)) if n == "in")
            {
                self.at += 2;
                "not in"
            } else {
                break;
            };
            rest.push((sign, self.sum()?));
        }
        Ok(if rest.is_empty() {
            first
        } else {
            Expr::Compare(Box::new(first), rest)
        })
    }

    fn sum(&mut self) -> Parsed {
        self.row(|p| p.one_of(&["+", "-"]), Self::concat)
    }

    fn concat(&mut self) -> Parsed {
        let first = self.product()?;
        if !matches!(self.peek(), Some(Token::Sign("~"))) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.sign("~") {
            parts.push(self.product()?);
        }
        Ok(Expr::Concat(parts))
    }

    fn product(&mut self) -> Parsed {
        self.row(|p| p.one_of(&["*", "//", "/", "%"]), Self::power)
    }

    fn power(&mut self) -> Parsed {
        self.row(|p| p.one_of(&["**"]), |p| p.unary(true))
    }

    fn unary(&mut self, filters: bool) -> Parsed {
        let parsed = if let Some(sign) = self.one_of(&["-", "+"]) {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(format!("signs may be nested {MAX_DEPTH} levels deep"));
            }
            let inner = self.unary(false)?;
            self.depth -= 1;
            Expr::Sign(sign, Box::new(inner))
        } else {
            let primary = self.primary()?;
            self.postfix(primary)?
        };
        if filters {
            self.filters(parsed)
        } else {
            Ok(parsed)
        }
    }

    fn primary(&mut self) -> Parsed {
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

    fn postfix(&mut self, mut on: Expr) -> Parsed {
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
                on = Expr::Call(Box::new(on), self.args()?);
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
    fn filters(&mut self, mut on: Expr) -> Parsed {
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

    /// The names a loop or an assignment gives values to: `a`, `a, b`, `(a, b)`, `ns.a`.
    pub fn targets(&mut self) -> Result<String, String> {
        let bracket = self.sign("(");
        let mut names = Vec::new();
        loop {
            let mut name = self.name()?;
            while self.sign(".") {
                name = format!("{name}.{}", self.name()?);
            }
            names.push(name);
            if !self.sign(",") {
                break;
            }
        }
        if bracket {
            self.expect(")")?;
        }
        let names = names.join(", ");
        Ok(if bracket { format!("({names})") } else { names })
    }

    pub fn equals(&mut self) -> bool {
        self.sign("=")
    }

    pub fn open(&mut self) -> bool {
        self.sign("(")
    }

    pub fn comma(&mut self) -> bool {
        self.sign(",")
    }

    pub fn pipe(&mut self) -> bool {
        self.sign("|")
    }

    pub fn identifier(&mut self) -> Result<String, String> {
        self.name()
    }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Name(text) | Token::Number(text) => format!("`{text}`"),
        Token::Text(text) => format!("the text `{text}`"),
        Token::Sign(sign) => format!("`{sign}`"),
    }
}
