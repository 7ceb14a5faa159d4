//! What of a value came from a secret, carried beside the value.

use std::collections::BTreeMap;

use crate::model::{Map, Redactor, Value};

/// What stands in the place of a secret.
const HIDDEN: &str = "(secret)";

/// What of a value came from a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Secrecy {
    /// Nothing.
    #[default]
    Open,
    /// The secrets that are found in its text, and not what stands around them: what a host printed.
    Holds,
    /// All of it.
    Secret,
    /// Some of its entries or items, by key or number.
    Parts(BTreeMap<String, Secrecy>),
}

/// What of each name's value came from a secret.
pub type Secrets = BTreeMap<String, Secrecy>;

impl Secrecy {
    /// Of a mapping or list with these parts.
    pub fn of_parts(parts: impl IntoIterator<Item = (String, Secrecy)>) -> Self {
        let parts: Secrets = parts
            .into_iter()
            .filter(|(_, part)| *part != Secrecy::Open)
            .collect();
        if parts.is_empty() {
            Secrecy::Open
        } else {
            Secrecy::Parts(parts)
        }
    }

    /// Of one entry or item.
    pub fn part(&self, key: &str) -> Self {
        match self {
            Secrecy::Parts(parts) => parts.get(key).cloned().unwrap_or_default(),
            whole => whole.clone(),
        }
    }

    /// With one more entry.
    pub fn with(self, key: &str, part: Secrecy) -> Self {
        match self {
            Secrecy::Open => Self::of_parts([(key.to_owned(), part)]),
            Secrecy::Parts(parts) => {
                Self::of_parts(parts.into_iter().chain([(key.to_owned(), part)]))
            }
            whole => whole,
        }
    }

    /// Whether there is nothing secret in it.
    pub fn is_open(&self) -> bool {
        *self == Secrecy::Open
    }

    /// What of a value holds a secret that is known by its text; all of a text that only this redactor's own context
    /// knows, because no other will find it again.
    pub fn found(value: &Value, known: &Redactor, near: &Redactor) -> Self {
        match value {
            Value::String(text) if known.finds(text) => Secrecy::Holds,
            Value::String(text) if near.finds(text) => Secrecy::Secret,
            Value::Array(items) => Self::of_parts(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| (index.to_string(), Self::found(item, known, near))),
            ),
            Value::Object(map) => Self::of_parts(
                map.iter()
                    .map(|(key, item)| (key.clone(), Self::found(item, known, near))),
            ),
            _ => Secrecy::Open,
        }
    }

    /// What differs between a value and the same made from other secrets.
    pub fn between(real: &Value, other: &Value) -> Self {
        match (real, other) {
            _ if real == other => Secrecy::Open,
            (Value::Array(real), Value::Array(other)) if real.len() == other.len() => {
                let pairs = real.iter().zip(other).enumerate();
                Self::of_parts(pairs.map(|(at, (a, b))| (at.to_string(), Self::between(a, b))))
            }
            (Value::Object(real), Value::Object(other)) if real.keys().eq(other.keys()) => {
                let pairs = real.iter().zip(other.values());
                Self::of_parts(pairs.map(|((key, a), b)| (key.clone(), Self::between(a, b))))
            }
            _ => Secrecy::Secret,
        }
    }

    /// The value as it may be shown.
    pub fn hide(&self, value: &Value) -> Value {
        match (self, value) {
            (Secrecy::Open | Secrecy::Holds, value) => value.clone(),
            (Secrecy::Secret, _) => Value::from(HIDDEN),
            (Secrecy::Parts(_), Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(at, item)| self.part(&at.to_string()).hide(item))
                .collect(),
            (Secrecy::Parts(_), Value::Object(map)) => map
                .iter()
                .map(|(key, item)| (key.clone(), self.part(key).hide(item)))
                .collect::<Map>()
                .into(),
            (Secrecy::Parts(_), _) => Value::from(HIDDEN),
        }
    }

    /// The dotted paths of its secret parts.
    pub fn paths(&self) -> Vec<String> {
        match self {
            Secrecy::Open => Vec::new(),
            Secrecy::Holds | Secrecy::Secret => vec![String::new()],
            Secrecy::Parts(parts) => parts
                .iter()
                .flat_map(|(key, part)| part.paths().into_iter().map(move |rest| (key, rest)))
                .map(|(key, rest)| {
                    if rest.is_empty() {
                        key.clone()
                    } else {
                        format!("{key}.{rest}")
                    }
                })
                .collect(),
        }
    }

    /// The value with other secrets in it, of the same shape.
    pub(super) fn altered(&self, value: &Value, known: &Redactor) -> Value {
        match (self, value) {
            (Secrecy::Open, value) => value.clone(),
            (Secrecy::Holds, Value::String(text)) => Value::String(within(text, known)),
            (Secrecy::Parts(_), Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(at, item)| self.part(&at.to_string()).altered(item, known))
                .collect(),
            (Secrecy::Parts(_), Value::Object(map)) => map
                .iter()
                .map(|(key, item)| (key.clone(), self.part(key).altered(item, known)))
                .collect::<Map>()
                .into(),
            (_, value) => other(value),
        }
    }
}

/// Another value of the same shape: what is right for one is right for the other, and every letter differs.
fn other(value: &Value) -> Value {
    match value {
        // Which of two it is says little, and conditions lead the same way.
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::from(whole.wrapping_add(1)),
            (None, Some(real)) => Value::from(real + 1.0),
            (None, None) => Value::from(1),
        },
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => {
                Value::String(other(&inner).to_string())
            }
            _ => Value::String(turned(text)),
        },
        Value::Array(items) => items.iter().map(other).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (key.clone(), other(item)))
            .collect::<Map>()
            .into(),
    }
}

/// The text with what is found in it turned.
fn within(text: &str, known: &Redactor) -> String {
    let mut altered = String::with_capacity(text.len());
    let mut end = 0;
    for span in known.spans(text) {
        altered.push_str(&text[end..span.start]);
        altered.push_str(&turned(&text[span.clone()]));
        end = span.end;
    }
    altered.push_str(&text[end..]);
    altered
}

/// Each letter and digit another of its kind, the marks between them as they are: an address stays one.
fn turned(text: &str) -> String {
    let turn =
        |c: char, first: u8, count: u8| char::from(first + ((c as u8 - first) + count / 2) % count);
    let altered: String = text
        .chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a', 26),
            'A'..='Z' => turn(c, b'A', 26),
            '0'..='9' => turn(c, b'0', 10),
            c if c.is_alphabetic() => {
                if c == 'ø' {
                    'å'
                } else {
                    'ø'
                }
            }
            c => c,
        })
        .collect();
    if altered == text && !text.is_empty() {
        "x".repeat(text.chars().count())
    } else {
        altered
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Secret;

    #[test]
    fn what_differs_is_secret_and_nothing_else() {
        let real = json!({ "a": 1, "b": ["x", "y"], "c": { "d": "z" } });
        let other = json!({ "a": 1, "b": ["x", "-"], "c": "z" });
        let secrecy = Secrecy::between(&real, &other);
        assert_eq!(secrecy.paths(), ["b.1", "c"]);
        assert_eq!(
            secrecy.hide(&real),
            json!({ "a": 1, "b": ["x", "(secret)"], "c": "(secret)" })
        );
        assert_eq!(secrecy.part("b").part("0"), Secrecy::Open);
    }

    #[test]
    fn another_secret_has_the_shape_of_the_first() {
        let known = Redactor::default();
        let altered = |value: Value| Secrecy::Secret.altered(&value, &known);
        assert_eq!(
            altered(json!("postgres://u:Pa55@h:5432/d")),
            json!("cbfgterf://h:Cn00@u:0987/q")
        );
        assert_eq!(altered(json!("--")), json!("xx"));
        assert_eq!(altered(json!(r#"{"a":["b"]}"#)), json!(r#"{"a":["o"]}"#));
        let known = Redactor::new(vec![Secret::new("word".into())]);
        assert_eq!(
            Secrecy::Holds.altered(&json!("a word here"), &known),
            json!("a jbeq here")
        );
    }
}
