//! A task's arguments, read with Ansible's leniency (`yes` is true, `80` is a text where a text is wanted) and no more.

use crate::model::{Failure, Map, Value, meant::nearest};

const WRONG: &str = "a module's argument is wrong";

/// The arguments of one module. An argument that is null counts as not given.
pub struct Arguments<'a> {
    module: &'a str,
    map: &'a Map,
}

impl<'a> Arguments<'a> {
    /// Refuses names that are not among `known`.
    pub fn new(module: &'a str, map: &'a Map, known: &[&str]) -> Result<Self, Failure> {
        match map.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(Self { module, map }),
            Some(key) => Err(unknown(module, key, known)),
        }
    }

    /// The failure that an argument is wrong: `sentence` says how.
    pub fn wrong(&self, sentence: impl Into<String>) -> Failure {
        Failure::new(WRONG, format!("`{}`: {}", self.module, sentence.into()))
    }

    /// The first of these names (an argument and its aliases) that was given, with its value.
    pub fn given(&self, names: &[&'static str]) -> Option<(&'static str, &'a Value)> {
        names.iter().find_map(|name| match self.map.get(*name) {
            None | Some(Value::Null) => None,
            Some(value) => Some((*name, value)),
        })
    }

    /// Whether any of these names was given.
    pub fn has(&self, names: &[&'static str]) -> bool {
        self.given(names).is_some()
    }

    /// A text; numbers and booleans are spelled as Ansible spells them.
    pub fn text(&self, names: &[&'static str]) -> Result<Option<String>, Failure> {
        self.given(names)
            .map(|(name, value)| {
                spelled(value).ok_or_else(|| self.wrong(expected(name, "a text", value)))
            })
            .transpose()
    }

    /// A text that goes into a line of a file.
    pub fn line(&self, names: &[&'static str]) -> Result<Option<String>, Failure> {
        let Some(text) = self.text(names)? else {
            return Ok(None);
        };
        let line = text.trim_end_matches(['\n', '\r']).to_owned();
        self.one_line(names[0], &line)?;
        Ok(Some(line))
    }

    /// Refuses a text with a line break in it, which would write lines of its own into a file.
    pub fn one_line(&self, name: &str, text: &str) -> Result<(), Failure> {
        if text.contains(['\n', '\r']) {
            return Err(self.wrong(format!("`{name}` has a line break in it")));
        }
        Ok(())
    }

    /// A text that must be given and must not be empty.
    pub fn need(&self, names: &[&'static str]) -> Result<String, Failure> {
        match self.text(names)? {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) => Err(self.wrong(format!("`{}` is empty", names[0]))),
            None => Err(self.wrong(format!("`{}` is missing", names[0]))),
        }
    }

    /// An absolute path on the host, without a slash at its end.
    pub fn path(&self, names: &[&'static str]) -> Result<Option<String>, Failure> {
        let Some(path) = self.text(names)?.filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        if !path.starts_with('/') {
            return Err(self
                .wrong(format!(
                    "`{}` must be an absolute path on the host, but is `{path}`",
                    names[0]
                ))
                .help("Write the whole path, beginning with `/`."));
        }
        let trimmed = path.trim_end_matches('/');
        Ok(Some(
            if trimmed.is_empty() { "/" } else { trimmed }.to_owned(),
        ))
    }

    /// A path that must be given.
    pub fn need_path(&self, names: &[&'static str]) -> Result<String, Failure> {
        self.path(names)?
            .ok_or_else(|| self.wrong(format!("`{}` is missing", names[0])))
    }

    /// A boolean as Ansible reads it.
    pub fn switch(&self, names: &[&'static str]) -> Result<Option<bool>, Failure> {
        self.given(names)
            .map(|(name, value)| {
                boolean(value).ok_or_else(|| self.wrong(expected(name, "yes or no", value)))
            })
            .transpose()
    }

    /// A boolean with a default.
    pub fn flag(&self, names: &[&'static str], default: bool) -> Result<bool, Failure> {
        Ok(self.switch(names)?.unwrap_or(default))
    }

    /// A whole number.
    pub fn integer(&self, names: &[&'static str]) -> Result<Option<i64>, Failure> {
        self.given(names)
            .map(|(name, value)| {
                spelled(value)
                    .and_then(|text| text.trim().parse().ok())
                    .ok_or_else(|| self.wrong(expected(name, "a whole number", value)))
            })
            .transpose()
    }

    /// A list of texts; one text is split at its commas.
    pub fn list(&self, names: &[&'static str]) -> Result<Option<Vec<String>>, Failure> {
        let Some((name, value)) = self.given(names) else {
            return Ok(None);
        };
        let items = match value {
            Value::Array(items) => items
                .iter()
                .map(|item| {
                    spelled(item).ok_or_else(|| {
                        self.wrong(expected(name, "a list of texts, but in it", item))
                    })
                })
                .collect::<Result<Vec<_>, _>>()?,
            _ => spelled(value)
                .ok_or_else(|| self.wrong(expected(name, "a list of texts", value)))?
                .split(',')
                .map(str::to_owned)
                .collect(),
        };
        Ok(Some(
            items
                .into_iter()
                .map(|item| item.trim().to_owned())
                .filter(|item| !item.is_empty())
                .collect(),
        ))
    }

    /// A list of texts, each as it is written; none but a list is taken.
    pub fn words(&self, names: &[&'static str]) -> Result<Option<Vec<String>>, Failure> {
        match self.given(names) {
            None => Ok(None),
            Some((name, Value::Array(items))) => items
                .iter()
                .map(|item| {
                    spelled(item).ok_or_else(|| {
                        self.wrong(expected(name, "a list of texts, but in it", item))
                    })
                })
                .collect::<Result<_, _>>()
                .map(Some),
            Some((name, value)) => Err(self.wrong(expected(name, "a list", value))),
        }
    }

    /// Refuses these arguments when they are given another value than their default: what they ask for is not done.
    pub fn only_default(&self, defaults: &[(&'static str, bool)]) -> Result<(), Failure> {
        for (name, default) in defaults {
            if self.flag(&[name], *default)? != *default {
                return Err(self.wrong(format!("`{name}: {}` is not supported", !default)));
            }
        }
        Ok(())
    }

    /// One of these words; the first is the default.
    pub fn choice(
        &self,
        names: &[&'static str],
        allowed: &[&'static str],
    ) -> Result<&'static str, Failure> {
        let Some(text) = self.text(names)? else {
            return Ok(allowed[0]);
        };
        allowed
            .iter()
            .find(|word| **word == text)
            .copied()
            .ok_or_else(|| {
                self.wrong(format!(
                    "`{}` cannot be `{text}`; it is one of {}",
                    names[0],
                    allowed.join(", ")
                ))
                .help(near(&text, allowed))
            })
    }

    /// Refuses one of two arguments that exclude each other.
    pub fn exclusive(&self, one: &'static str, other: &'static str) -> Result<(), Failure> {
        if self.has(&[one]) && self.has(&[other]) {
            return Err(self.wrong(format!("`{one}` and `{other}` exclude each other")));
        }
        Ok(())
    }
}

fn unknown(module: &str, key: &str, known: &[&str]) -> Failure {
    Failure::new(
        "a module does not have this argument",
        format!("`{module}` has no argument `{key}`"),
    )
    .help(match near(key, known) {
        text if text.is_empty() => format!("It has: {}.", known.join(", ")),
        text => text,
    })
}

fn near(word: &str, known: &[&str]) -> String {
    nearest(word, known.iter().copied(), 0)
        .map(|name| format!("Did you mean `{name}`?"))
        .unwrap_or_default()
}

fn expected(name: &str, wanted: &str, value: &Value) -> String {
    let found = match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        // The text itself is not repeated: it may be a secret.
        Value::String(_) => "another text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    };
    format!("`{name}` takes {wanted}, but is {found}")
}

fn spelled(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "1" | "y" | "t" => Some(true),
            "no" | "false" | "off" | "0" | "n" | "f" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
