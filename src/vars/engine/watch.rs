//! What is noted of a rendering: how much it wrote, and what of it came from secrets.

use std::{
    borrow::Cow,
    collections::HashSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use minijinja::value::Value as Jinja;

use crate::{
    model::{Redactor, Value},
    vars::Secrecy,
};

/// What is noted of a rendering so that it can be told what came from secrets.
#[derive(Default)]
pub(in crate::vars) struct Watch {
    /// Set where every secret is another one of the same shape: finds those that stand in a text.
    others: Option<Redactor>,
    /// How often a secret was used.
    touches: AtomicUsize,
    /// The names that lead to one.
    names: Mutex<HashSet<String>>,
    /// What the outermost template has written by expressions, and how often a secret had been used by then.
    written: Mutex<(Vec<Written>, usize)>,
}

/// What one expression of a template has written.
#[derive(Debug, Clone)]
pub(in crate::vars) struct Written {
    pub text: String,
    /// Whether a secret was used since the expression before it.
    pub touched: bool,
}

/// What a template has written so far by expressions.
#[derive(Default)]
pub(super) struct Count {
    pub times: usize,
    pub bytes: usize,
    pub last: Option<Jinja>,
}

impl Watch {
    pub(super) fn with_others(known: Redactor) -> Self {
        Self {
            others: Some(known),
            ..Self::default()
        }
    }

    /// How often a secret was used so far.
    pub fn touches(&self) -> usize {
        self.touches.load(Ordering::Relaxed)
    }

    fn touch(&self) {
        self.touches.fetch_add(1, Ordering::Relaxed);
    }

    /// A value that has a secret in it is used: itself, or another one in its place.
    pub(super) fn used<'a>(&self, value: &'a Value, secrecy: &Secrecy) -> Cow<'a, Value> {
        self.touch();
        match &self.others {
            Some(known) => Cow::Owned(secrecy.altered(value, known)),
            None => Cow::Borrowed(value),
        }
    }

    /// Notes that a name's value was made from a secret.
    pub(super) fn leads_to_one(&self, name: &str) {
        lock(&self.names).insert(name.to_owned());
    }

    /// A name is used whose value was worked out before.
    pub(super) fn used_again(&self, name: &str) {
        if lock(&self.names).contains(name) {
            self.touch();
        }
    }

    /// Forgets what was written.
    pub fn begin(&self) {
        *lock(&self.written) = (Vec::new(), self.touches());
    }

    /// The outermost template has written this by an expression.
    pub(super) fn write(&self, text: &str) {
        let touches = self.touches();
        if touches == 0 {
            return;
        }
        let mut written = lock(&self.written);
        let touched = touches > written.1;
        written.0.push(Written {
            text: text.to_owned(),
            touched,
        });
        written.1 = touches;
    }

    /// What was written since the beginning by expressions; nothing for one expression alone.
    pub fn written(&self) -> Vec<Written> {
        lock(&self.written).0.clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
