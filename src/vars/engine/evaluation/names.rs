//! What a name stands for in a rendering: each variable is rendered once, and never by itself.

use std::sync::{Arc, atomic::Ordering};

use minijinja::{ErrorKind, value::Value as Jinja};

use super::{
    handle::{HANDLE, Root},
    lazy::{Overlay, Reading, lazy},
    state::{Evaluation, lock},
};
use crate::vars::{
    Later, RenderError,
    engine::{MAX_DEPTH, MAX_RENDERINGS, omit::Omit},
    scope::Part,
};

impl Evaluation {
    /// What a name is, for the engine.
    pub(super) fn name(self: &Arc<Self>, name: &str) -> Option<Jinja> {
        match name {
            "omit" => return Some(Jinja::from_object(Omit)),
            HANDLE => return Some(Jinja::from_object(Root(self.clone()))),
            _ => {}
        }
        if let Some(done) = lock(&self.done).get(name) {
            self.watch.used_again(name);
            return Some(done.clone());
        }
        let before = self.watch.touches();
        let Some(found) = self.scope.find(name) else {
            // Functions are asked for here as well, before the engine's own are.
            if !self.engine.texts.globals().any(|(known, _)| known == name) {
                self.missing(name.to_owned());
            }
            return None;
        };
        let known = match found.value {
            Some(value) if found.written => Some(self.guarded(name, value)),
            Some(value) => Some(lazy(
                value,
                match found.secrecy {
                    Some(secrecy) => Reading::Secret(self.clone(), secrecy.clone()),
                    None => Reading::Plain,
                },
            )),
            None => None,
        };
        if self.watch.touches() > before {
            self.watch.leads_to_one(name);
        }
        for later in &found.unknown {
            if let Later::Whole(address) = &**later {
                return Some(self.unknown(address));
            }
        }
        let value = if found.unknown.is_empty() {
            known?
        } else {
            Jinja::from_object(Overlay {
                known,
                later: found.unknown,
                evaluation: self.clone(),
            })
        };
        if value.is_undefined() {
            return None;
        }
        lock(&self.done).insert(name.to_owned(), value.clone());
        Some(value)
    }

    /// The value of a variable, unless it leads back to itself.
    fn guarded(self: &Arc<Self>, name: &str, value: Part) -> Jinja {
        let mut active = lock(&self.active);
        if let Some(at) = active.iter().position(|earlier| earlier == name) {
            let round = active[at..].join(" → ");
            drop(active);
            return self.fail(RenderError::Wrong(format!(
                "the variable `{name}` refers to itself: {round} → {name}"
            )));
        }
        active.push(name.to_owned());
        drop(active);
        let rendered = lazy(value, Reading::Written(self.clone()));
        lock(&self.active).pop();
        rendered
    }

    /// A text inside a variable, rendered.
    pub(super) fn rendered(self: &Arc<Self>, text: &str) -> Jinja {
        if self.depth.fetch_add(1, Ordering::Relaxed) >= MAX_DEPTH {
            self.depth.fetch_sub(1, Ordering::Relaxed);
            return self.fail(RenderError::Wrong(format!(
                "variables lead to one another more than {MAX_DEPTH} times; does one refer to itself?"
            )));
        }
        if self.renderings.fetch_add(1, Ordering::Relaxed) >= MAX_RENDERINGS {
            return self.fail(RenderError::Wrong(format!(
                "variables were rendered more than {MAX_RENDERINGS} times"
            )));
        }
        let rendered = self.text_value(text);
        self.depth.fetch_sub(1, Ordering::Relaxed);
        match rendered {
            Ok(value) => value,
            // What is undefined stays undefined, so that `default` outside still works.
            Err(error) if error.kind() == ErrorKind::UndefinedError => Jinja::UNDEFINED,
            Err(error) => Jinja::from(error),
        }
    }
}
