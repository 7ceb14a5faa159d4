//! How much one rendering may make in all.
//!
//! Every text and list is paid for before it is made, by whoever makes it, so that a short expression cannot ask for
//! more memory or time than a playbook has a use for.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use minijinja::{
    Error,
    value::{Value as Jinja, ValueKind},
};

use super::mistake::wrong;
use crate::model::Value;

/// How many bytes one rendering may make in all, those that it drops again among them.
const ALL: usize = 64 << 20;
/// What an item of a list is counted as, and an entry of a mapping.
const ITEM: usize = 32;
const ENTRY: usize = 96;
/// What a step of work that makes nothing is counted as: a comparison, an instruction of the engine's.
const STEP: usize = 8;
/// How many bytes of a text are gone through in one step.
pub(super) const STRIDE: usize = 64;
/// What a pattern is counted as before it is compiled.
const PATTERN: usize = 4 << 10;

thread_local! {
    /// What the rendering has left that this thread is at: a rendering stays on its thread.
    static CURRENT: RefCell<Option<Arc<Budget>>> = const { RefCell::new(None) };
}

/// What a rendering has left.
pub(super) struct Budget {
    left: AtomicUsize,
    spent: AtomicBool,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            left: AtomicUsize::new(ALL),
            spent: AtomicBool::new(false),
        }
    }
}

impl Budget {
    /// Lets this thread pay from it until what is given back is dropped.
    pub fn begin(self: &Arc<Self>) -> Paying {
        Paying(CURRENT.with(|current| current.borrow_mut().replace(self.clone())))
    }

    /// What is said of a rendering that asked for more: some of what it made may be missing.
    pub fn overdrawn(&self) -> Option<String> {
        self.spent.load(Ordering::Relaxed).then(too_much)
    }

    fn pay(&self, bytes: usize) -> bool {
        let left = self.left.load(Ordering::Relaxed);
        match left.checked_sub(bytes) {
            Some(left) => self.left.store(left, Ordering::Relaxed),
            None => self.spent.store(true, Ordering::Relaxed),
        }
        !self.spent.load(Ordering::Relaxed)
    }
}

/// Whoever paid before goes on paying when this is dropped.
pub(super) struct Paying(Option<Arc<Budget>>);

impl Drop for Paying {
    fn drop(&mut self) {
        CURRENT.with(|current| *current.borrow_mut() = self.0.take());
    }
}

fn too_much() -> String {
    format!(
        "it makes more than a template may: {} MiB of texts and lists in all",
        ALL >> 20
    )
}

/// Pays for a text of this many bytes.
pub(super) fn text(bytes: usize) -> Result<(), Error> {
    let paid = CURRENT.with(|current| {
        let current = current.borrow();
        current.as_ref().is_none_or(|budget| budget.pay(bytes))
    });
    if paid { Ok(()) } else { Err(wrong(too_much())) }
}

/// Pays for a list of this many items.
pub(super) fn items(count: usize) -> Result<(), Error> {
    text(count.saturating_mul(ITEM))
}

/// Pays for a mapping of this many entries.
pub(super) fn entries(count: usize) -> Result<(), Error> {
    text(count.saturating_mul(ENTRY))
}

/// Pays for this many steps of work.
pub(super) fn steps(count: usize) -> Result<(), Error> {
    text(count.saturating_mul(STEP))
}

/// Pays for compiling a pattern.
pub(super) fn pattern(text_of_it: &str) -> Result<(), Error> {
    text(PATTERN.saturating_add(text_of_it.len().saturating_mul(STEP)))
}

/// Pays for a value of the engine's, the parts of its parts left out: they are paid for by whoever made them.
pub(super) fn made(value: Jinja) -> Result<Jinja, Error> {
    match value.kind() {
        ValueKind::String => text(value.as_str().map_or(0, str::len))?,
        ValueKind::Bytes => text(value.as_bytes().map_or(0, <[u8]>::len))?,
        ValueKind::Seq => items(value.len().unwrap_or(0))?,
        ValueKind::Map => entries(value.len().unwrap_or(0))?,
        _ => {}
    }
    Ok(value)
}

/// Pays for a copy of one of our values, whole.
pub(super) fn copy(value: &Value) -> Result<(), Error> {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => items(1),
        Value::String(one) => text(one.len().saturating_add(ITEM)),
        Value::Array(all) => {
            items(1)?;
            all.iter().try_for_each(copy)
        }
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            text(key.len().saturating_add(ENTRY))?;
            copy(value)
        }),
    }
}
