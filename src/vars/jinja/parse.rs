//! From words to an expression, with Jinja's precedence.

use std::ops::Range;

use super::{
    Escapes, Expr,
    tokens::{Token, tokens},
};
use crate::vars::engine::MAX_EXPRESSION;

/// How deep brackets, conditions and signs may be nested.
const MAX_DEPTH: usize = 40;
/// How many operators may stand in a row; each is a level for the engine.
pub(super) const MAX_ROW: usize = 100;

pub(super) struct Parser {
    pub(super) tokens: Vec<(Token, Range<usize>)>,
    pub(super) at: usize,
    depth: usize,
    /// Whether templates in quotes are what they come to.
    pub(super) embedded: bool,
    /// What was named so far.
    pub(super) uses: Vec<Use>,
}

/// A name of a text that only the engine can tell to be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::vars) enum Use {
    /// `| name`
    Filter(String),
    /// `is name`
    Test(String),
    /// `lookup('name', …)`
    Lookup(String),
    /// The name of a file that is read wherever the text is rendered.
    File {
        /// The folder that is usual for its kind.
        kind: &'static str,
        /// Its name as it is written.
        name: String,
    },
}

pub(super) type Parsed = Result<Expr, String>;

/// Parses a text that is one expression.
pub(super) fn whole(text: &str, escapes: Escapes) -> Parsed {
    using(text, escapes, &mut Vec::new())
}

/// Parses a text that is one expression, and notes what it names.
pub(super) fn using(text: &str, escapes: Escapes, uses: &mut Vec<Use>) -> Parsed {
    Parser::new(text, escapes)?.all(uses)
}

/// Parses a condition, and notes what it names. In its quotes there may be templates, as in ansible-core until 2.22, which
/// warns of them: `'{{ stage }}' == 'live'`.
pub(super) fn condition(text: &str, uses: &mut Vec<Use>) -> Parsed {
    let mut parser = Parser::new(text, Escapes::Read)?;
    parser.embedded = true;
    parser.all(uses)
}

impl Parser {
    pub fn new(text: &str, escapes: Escapes) -> Result<Self, String> {
        if text.len() > MAX_EXPRESSION {
            return Err(format!(
                "an expression may have {} KiB",
                MAX_EXPRESSION >> 10
            ));
        }
        Ok(Self {
            tokens: tokens(text, escapes)?,
            at: 0,
            depth: 0,
            embedded: false,
            uses: Vec::new(),
        })
    }

    fn all(mut self, uses: &mut Vec<Use>) -> Parsed {
        let parsed = self.expression_or_tuple()?;
        self.end()?;
        uses.append(&mut self.uses);
        Ok(parsed)
    }

    pub fn end(&self) -> Result<(), String> {
        match self.tokens.get(self.at) {
            None => Ok(()),
            Some((token, _)) => Err(format!("{} is not expected here", shown(token))),
        }
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    pub(super) fn sign(&mut self, sign: &str) -> bool {
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

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.sign(sign) {
            return Ok(());
        }
        Err(match self.peek() {
            Some(token) => format!("expected `{sign}` before {}", shown(token)),
            None => format!("expected `{sign}` at the end"),
        })
    }

    pub(super) fn name(&mut self) -> Result<String, String> {
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
        let before = self.uses.len();
        let mut then = self.or()?;
        while self.word("if") {
            self.perhaps(before);
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
            self.perhaps(before);
        }
        Ok(then)
    }

    /// What was named from there on is only perhaps evaluated: no file is surely read.
    fn perhaps(&mut self, from: usize) {
        let uses = self.uses.split_off(from);
        let named = uses.into_iter();
        self.uses
            .extend(named.filter(|named| !matches!(named, Use::File { .. })));
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
        let before = self.uses.len();
        let parsed = self.row(|p| p.word("or").then_some("or"), Self::and)?;
        if matches!(parsed, Expr::Binary("or", ..)) {
            self.perhaps(before);
        }
        Ok(parsed)
    }

    fn and(&mut self) -> Parsed {
        let before = self.uses.len();
        let parsed = self.row(|p| p.word("and").then_some("and"), Self::not)?;
        if matches!(parsed, Expr::Binary("and", ..)) {
            self.perhaps(before);
        }
        Ok(parsed)
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

pub(super) fn shown(token: &Token) -> String {
    match token {
        Token::Name(text) | Token::Number(text) => format!("`{text}`"),
        Token::Text(text) => format!("the text `{text}`"),
        Token::Sign(sign) => format!("`{sign}`"),
    }
}
