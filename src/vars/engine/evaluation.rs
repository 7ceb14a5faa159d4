//! One rendering: its scope, what it has rendered so far, and why it failed.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, value::Value as Jinja};

use super::{
    FUEL, MAX_DEPTH, MAX_EXPRESSION, MAX_TEXT, convert,
    lazy::{Omit, Overlay, Root, lazy},
    whole_expression,
};
use crate::{
    model::{Address, Value, playbook::Base},
    vars::{RenderError, Scope},
};

/// What all renderings of one playbook share.
pub(in crate::vars) struct Engine {
    environment: Environment<'static>,
    files: Environment<'static>,
}

impl Engine {
    pub fn new(_base: Base) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        let mut syntax = minijinja::syntax::SyntaxConfig::builder();
        syntax.trim_blocks(true).keep_trailing_newline(true);
        let mut files = environment.clone();
        if let Ok(syntax) = syntax.build() {
            files.set_syntax(syntax);
        }
        Self { environment, files }
    }

    /// The dotted paths of the free names of a text.
    pub fn references(&self, text: &str) -> Result<Vec<String>, RenderError> {
        let template = self
            .environment
            .template_from_str(text)
            .map_err(|error| RenderError::Wrong(error.to_string()))?;
        let mut paths: Vec<String> = template.undeclared_variables(true).into_iter().collect();
        paths.sort_unstable();
        Ok(paths)
    }
}

/// One rendering.
pub(in crate::vars) struct Evaluation {
    engine: Arc<Engine>,
    scope: Scope,
    done: Mutex<HashMap<String, Jinja>>,
    active: Mutex<Vec<String>>,
    depth: AtomicUsize,
    failure: Mutex<Option<RenderError>>,
    undefined: Mutex<Option<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Evaluation {
    pub fn new(engine: &Arc<Engine>, scope: &Scope) -> Arc<Self> {
        Arc::new(Self {
            engine: engine.clone(),
            scope: scope.clone(),
            done: Mutex::default(),
            active: Mutex::default(),
            depth: AtomicUsize::new(0),
            failure: Mutex::default(),
            undefined: Mutex::default(),
        })
    }

    /// The value of a text; none for `omit`.
    pub fn value(self: &Arc<Self>, text: &str) -> Result<Option<Value>, RenderError> {
        let value = self.text_value(text).map_err(|error| self.reason(&error))?;
        self.ours(&value)
    }

    /// The text of a template file.
    pub fn file(self: &Arc<Self>, text: &str) -> Result<String, RenderError> {
        self.engine
            .files
            .render_str(text, Jinja::from_object(Root(self.clone())))
            .map_err(|error| self.reason(&error))
    }

    /// The value of a bare expression.
    pub fn expression(self: &Arc<Self>, text: &str) -> Result<Jinja, RenderError> {
        self.evaluate(text).map_err(|error| self.reason(&error))
    }

    /// Our form of a value of the engine's.
    pub fn ours(&self, value: &Jinja) -> Result<Option<Value>, RenderError> {
        if value.is_undefined() {
            return Err(self.reason(&ErrorKind::UndefinedError.into()));
        }
        let ours = convert::ours(value).map_err(RenderError::Wrong);
        match lock(&self.failure).take() {
            Some(failure) => Err(failure),
            None => ours,
        }
    }

    fn text_value(self: &Arc<Self>, text: &str) -> Result<Jinja, Error> {
        if text.len() > MAX_TEXT {
            return Err(too_long());
        }
        match whole_expression(text) {
            Some(expression) => self.evaluate(expression),
            None => self
                .engine
                .environment
                .render_str(text, Jinja::from_object(Root(self.clone())))
                .map(Jinja::from),
        }
    }

    fn evaluate(self: &Arc<Self>, expression: &str) -> Result<Jinja, Error> {
        if expression.len() > MAX_EXPRESSION {
            return Err(too_long());
        }
        self.engine
            .environment
            .compile_expression_owned(expression.to_owned())?
            .eval(Jinja::from_object(Root(self.clone())))
    }

    /// What a name is, for the engine.
    pub(super) fn name(self: &Arc<Self>, name: &str) -> Option<Jinja> {
        if name == "omit" {
            return Some(Jinja::from_object(Omit));
        }
        if let Some(done) = lock(&self.done).get(name) {
            return Some(done.clone());
        }
        let Some(found) = self.scope.find(name) else {
            *lock(&self.undefined) = Some(name.to_owned());
            return None;
        };
        let known = match found.value {
            Some(value) if found.written => Some(self.guarded(name, value)),
            Some(value) => Some(convert::plain(value)),
            None => None,
        };
        if let Some((_, address)) = found.unknown.iter().find(|(rest, _)| rest.is_empty()) {
            return Some(self.unknown(address));
        }
        let value = if found.unknown.is_empty() {
            known?
        } else {
            Jinja::from_object(Overlay {
                known,
                unknown: found.unknown,
                evaluation: self.clone(),
            })
        };
        lock(&self.done).insert(name.to_owned(), value.clone());
        (!value.is_undefined()).then_some(value)
    }

    /// The value of a variable, unless it leads back to itself.
    fn guarded(self: &Arc<Self>, name: &str, value: &Value) -> Jinja {
        let mut active = lock(&self.active);
        if let Some(at) = active.iter().position(|earlier| earlier == name) {
            let round = active[at..].join(" → ");
            return self.fail(RenderError::Wrong(format!(
                "the variable `{name}` refers to itself: {round} → {name}"
            )));
        }
        active.push(name.to_owned());
        drop(active);
        let rendered = lazy(value, self);
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
        let rendered = self.text_value(text);
        self.depth.fetch_sub(1, Ordering::Relaxed);
        match rendered {
            Ok(value) => value,
            // What is undefined stays undefined, so that `default` outside still works.
            Err(error) if error.kind() == ErrorKind::UndefinedError => Jinja::UNDEFINED,
            Err(error) => Jinja::from(error),
        }
    }

    /// The use of something that is not known yet.
    pub(super) fn unknown(&self, address: &Address) -> Jinja {
        self.fail(RenderError::Unknown(address.clone()))
    }

    /// Remembers why, and gives the engine a value that it refuses to use.
    fn fail(&self, why: RenderError) -> Jinja {
        let error = Error::new(ErrorKind::InvalidOperation, why.to_string());
        lock(&self.failure).get_or_insert(why);
        Jinja::from(error)
    }

    /// Why the engine gave up, in our words.
    fn reason(&self, error: &Error) -> RenderError {
        if let Some(failure) = lock(&self.failure).take() {
            return failure;
        }
        if error.kind() == ErrorKind::UndefinedError {
            let name = lock(&self.undefined).clone().unwrap_or_default();
            return RenderError::Undefined(format!("`{name}` is undefined"));
        }
        RenderError::Wrong(match error.detail() {
            Some(detail) => format!("{}: {detail}", error.kind()),
            None => error.kind().to_string(),
        })
    }
}

fn too_long() -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        format!("a template may have {} KiB", MAX_TEXT >> 10),
    )
}
