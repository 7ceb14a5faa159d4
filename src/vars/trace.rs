//! What of a rendering came from secrets: what comes out otherwise when the secrets are others.
//!
//! A template may do anything with a secret: cut it, encode it, put it into a list or into another variable. Instead of
//! following it through every filter, what used one is rendered once more with other secrets of the same shape. What is
//! the same both times says nothing about them; what differs was made from them.

use std::sync::{Arc, OnceLock};

use super::{
    RenderError, Scope, SearchPath,
    engine::{Engine, Evaluation, Written},
    secrecy::Secrecy,
};
use crate::model::{Redactor, Secret, Value, secrecy::is_common};

/// One rendering under watch.
pub(super) struct Trace<'a> {
    engine: &'a Arc<Engine>,
    scope: &'a Scope,
    redactor: &'a Redactor,
    search_path: &'a Arc<SearchPath>,
    real: Arc<Evaluation>,
    other: OnceLock<Arc<Evaluation>>,
    /// The texts that were made from secrets.
    made: Vec<Secret>,
    /// The whole texts in which such stand.
    texts: Vec<Altered>,
    /// What of the text at hand is too short to be looked for by itself.
    short: Vec<String>,
}

/// A text with a secret in it, and the same made from other secrets.
#[derive(Debug)]
pub struct Altered {
    /// As it is.
    pub real: Secret,
    /// With other secrets of the same shape; none where it cannot be made of them.
    pub other: Option<String>,
}

impl Drop for Trace<'_> {
    fn drop(&mut self) {
        self.real.end();
        if let Some(other) = self.other.get() {
            other.end();
        }
    }
}

impl<'a> Trace<'a> {
    pub fn new(
        engine: &'a Arc<Engine>,
        scope: &'a Scope,
        redactor: &'a Redactor,
        search_path: &'a Arc<SearchPath>,
    ) -> Self {
        Self {
            engine,
            scope,
            redactor,
            search_path,
            real: Evaluation::new(engine, scope, search_path),
            other: OnceLock::new(),
            made: Vec::new(),
            texts: Vec::new(),
            short: Vec::new(),
        }
    }

    /// The texts that were made from secrets, and the whole texts in which such stand.
    pub fn into_parts(mut self) -> (Vec<Secret>, Vec<Altered>) {
        (
            std::mem::take(&mut self.made),
            std::mem::take(&mut self.texts),
        )
    }

    /// Renders one text, and says what of it is secret.
    ///
    /// What goes wrong over a secret is not said in its words.
    pub fn render(
        &mut self,
        run: impl Fn(&Arc<Evaluation>) -> Result<Option<Value>, RenderError>,
    ) -> Result<(Option<Value>, Secrecy), RenderError> {
        let before = self.real.watch.touches();
        self.real.watch.begin();
        let real = run(&self.real);
        if self.real.watch.touches() == before {
            return real.map(|value| (value, Secrecy::Open));
        }
        let other = self.other.get_or_init(|| {
            let known = self.redactor.clone();
            Evaluation::with_others(self.engine, self.scope, self.search_path, known)
        });
        other.watch.begin();
        let altered = run(other);
        let value = match real {
            Ok(value) => value,
            Err(RenderError::Wrong(why)) if altered != Err(RenderError::Wrong(why.clone())) => {
                return Err(RenderError::Wrong(
                    "a secret in it does not fit; what is wrong with it would show it".to_owned(),
                ));
            }
            Err(error) => return Err(error),
        };
        let written = (self.real.watch.written(), other.watch.written());
        let secrecy = match (&value, &altered) {
            (None, Ok(None)) => Secrecy::Open,
            (Some(value), Ok(Some(altered))) => Secrecy::between(value, altered),
            _ => Secrecy::Secret,
        };
        if !secrecy.is_open() {
            self.short.clear();
            match (written.0.is_empty(), altered.is_ok()) {
                (true, _) => self.leaves(value.as_ref().unwrap_or(&Value::Null), &secrecy),
                (false, true) => self.expressions(&written.0, &written.1),
                (false, false) => self.expressions(&written.0, &[]),
            }
            if let Some(Value::String(text)) = &value {
                let other = match altered {
                    Ok(Some(Value::String(other))) => Some(other),
                    _ => None,
                };
                if !written.0.is_empty() {
                    self.around(text, other.as_deref());
                }
                self.texts.push(Altered {
                    real: Secret::new(text.clone()),
                    other,
                });
            }
        }
        Ok((value, secrecy))
    }

    /// An expression that is the whole: its secret parts.
    fn leaves(&mut self, value: &Value, secrecy: &Secrecy) {
        match (value, secrecy) {
            (_, Secrecy::Open) | (Value::Null | Value::Bool(_), _) => {}
            (Value::Array(items), secrecy) => {
                for (at, item) in items.iter().enumerate() {
                    self.leaves(item, &secrecy.part(&at.to_string()));
                }
            }
            (Value::Object(map), secrecy) => {
                for (key, item) in map {
                    self.leaves(item, &secrecy.part(key));
                }
            }
            (Value::String(text), _) => self.made(text, true),
            (Value::Number(number), _) => self.made(&number.to_string(), true),
        }
    }

    /// A text with expressions in it: those that come out otherwise, of long ones the lines.
    fn expressions(&mut self, real: &[Written], other: &[Written]) {
        if real.len() == other.len() {
            for (real, other) in real.iter().zip(other) {
                self.lines(&real.text, &other.text);
            }
            return;
        }
        // It went another way, so that nobody can say which belong together. All are hidden where this text is shown;
        // elsewhere only those that used a secret themselves.
        for one in real {
            self.made(&one.text, one.touched);
        }
    }

    fn lines(&mut self, real: &str, other: &str) {
        if real == other {
            return;
        }
        if real.lines().count() != other.lines().count() {
            return self.made(real, true);
        }
        for (real, other) in real.lines().zip(other.lines()) {
            if real != other {
                self.made(real.trim(), true);
            }
        }
    }

    /// What is too short to be looked for by itself is known again by the line that it stands in.
    fn around(&self, text: &str, other: Option<&str>) {
        if self.short.is_empty() {
            return;
        }
        let count = text.lines().count();
        let other = other.filter(|other| other.lines().count() == count);
        let mut other = other.map(str::lines);
        for line in text.lines() {
            if other.as_mut().and_then(Iterator::next) == Some(line) {
                continue;
            }
            let line = line.trim();
            let rest = self.redactor.text(line);
            if self.short.iter().any(|short| rest.contains(short)) {
                self.redactor.learn_made(&[Secret::new(line.to_owned())]);
            }
        }
    }

    fn made(&mut self, text: &str, everywhere: bool) {
        if text.is_empty() {
            return;
        }
        let made = Secret::new(text.to_owned());
        if everywhere {
            self.redactor.learn_made(std::slice::from_ref(&made));
            if !is_common(text) && !self.redactor.finds(text) {
                self.short.push(text.to_owned());
            }
        }
        self.made.push(made);
    }
}
