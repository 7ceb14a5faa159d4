//! One rendering: its scope, what it has rendered so far, and why it failed.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use minijinja::{Environment, Error, ErrorKind, State, value::Value as Jinja};

use super::{
    Engine, MAX_TEXT,
    arguments::wrong,
    bounded::{Bounded, too_long, within},
    budget::{self, Budget},
    convert,
    ending::{ended_as, newlines},
    environment::refused,
    header::header,
    lazy::Root,
    python,
    reason::{undefined, wrong_with},
    watch::{Count, Watch},
};
use crate::{
    model::{Address, Redactor, Value},
    vars::{
        RenderError, Scope, SearchPath, Style, encoding,
        jinja::{self, Escapes, Translated},
    },
};

mod names;

/// The name under which functions find the rendering they are called in.
pub(super) const HANDLE: &str = "_evaluation";

/// How many steps each template is counted as at the least.
const FAILED: usize = 100;

/// One rendering.
pub(in crate::vars) struct Evaluation {
    engine: Arc<Engine>,
    scope: Scope,
    /// Where look-ups look for files.
    pub(super) search_path: Arc<SearchPath>,
    done: Mutex<HashMap<String, Jinja>>,
    active: Mutex<Vec<String>>,
    depth: AtomicUsize,
    renderings: AtomicUsize,
    failure: Mutex<Option<RenderError>>,
    undefined: Mutex<Option<String>>,
    written: Mutex<Count>,
    /// The renderings inside this one.
    inner: Mutex<Vec<Arc<Evaluation>>>,
    budget: Arc<Budget>,
    /// What came from secrets.
    pub watch: Watch,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The rendering a function is called in.
pub(super) fn of(state: &State<'_, '_>) -> Option<Arc<Evaluation>> {
    let handle = state.lookup(HANDLE)?;
    Some(handle.downcast_object_ref::<Root>()?.0.clone())
}

impl Evaluation {
    pub fn new(engine: &Arc<Engine>, scope: &Scope, search_path: &Arc<SearchPath>) -> Arc<Self> {
        Arc::new(Self::made(engine, scope, search_path, Watch::default()))
    }

    /// A rendering in which every secret is another one of the same shape.
    pub fn with_others(
        engine: &Arc<Engine>,
        scope: &Scope,
        search_path: &Arc<SearchPath>,
        known: Redactor,
    ) -> Arc<Self> {
        Arc::new(Self::made(
            engine,
            scope,
            search_path,
            Watch::with_others(known),
        ))
    }

    fn made(
        engine: &Arc<Engine>,
        scope: &Scope,
        search_path: &Arc<SearchPath>,
        watch: Watch,
    ) -> Self {
        Self {
            engine: engine.clone(),
            scope: scope.clone(),
            search_path: search_path.clone(),
            done: Mutex::default(),
            active: Mutex::default(),
            depth: AtomicUsize::new(0),
            renderings: AtomicUsize::new(0),
            failure: Mutex::default(),
            undefined: Mutex::default(),
            written: Mutex::default(),
            inner: Mutex::default(),
            budget: Arc::default(),
            watch,
        }
    }

    /// The value of a text; none for `omit`.
    pub fn value(self: &Arc<Self>, text: &str) -> Result<Option<Value>, RenderError> {
        let _paying = self.budget.begin();
        let value = self.text_value(text).map_err(|error| self.reason(&error))?;
        self.ours(&value)
    }

    /// The text of a text, printed as Python would.
    pub fn text(self: &Arc<Self>, text: &str) -> Result<String, RenderError> {
        let _paying = self.budget.begin();
        self.text_value(text)
            .and_then(|value| python::text(&value))
            .map_err(|error| self.reason(&error))
            .and_then(|text| self.unless_failed(text))
    }

    /// The value of a condition, which is a bare expression whose quoted texts have Python's escapes.
    pub fn condition(self: &Arc<Self>, text: &str) -> Result<Option<Value>, RenderError> {
        let _paying = self.budget.begin();
        let value = jinja::expression(text, Escapes::Read)
            .map_err(wrong)
            .and_then(|expression| self.evaluate(expression))
            .map_err(|error| self.reason(&error))?;
        self.ours(&value)
    }

    /// What a template file in this folder becomes.
    pub fn file(
        self: &Arc<Self>,
        bytes: &[u8],
        folder: &str,
        style: &Style,
    ) -> Result<Vec<u8>, RenderError> {
        let _paying = self.budget.begin();
        let text = encoding::text(bytes);
        let value = self
            .file_value(&text, folder, style)
            .and_then(|value| match value.is_none() {
                true => Ok(String::new()),
                false => python::text(&value),
            })
            .map_err(|error| self.reason(&error))?;
        let value = self.unless_failed(value)?;
        style.encoding.written(&value).map_err(RenderError::Wrong)
    }

    /// What was rendered, unless it was made of something that is not known yet: a filter may have gone on with the
    /// value that stands for it.
    fn unless_failed<T>(&self, rendered: T) -> Result<T, RenderError> {
        match self.failed() {
            Some(failure) => Err(failure),
            None => Ok(rendered),
        }
    }

    /// Why it failed, though the engine may have gone on.
    fn failed(&self) -> Option<RenderError> {
        lock(&self.failure)
            .take()
            .or_else(|| self.budget.overdrawn().map(RenderError::Wrong))
    }

    /// Our form of a value of the engine's.
    fn ours(&self, value: &Jinja) -> Result<Option<Value>, RenderError> {
        if value.is_undefined() {
            return Err(self.reason(&ErrorKind::UndefinedError.into()));
        }
        let ours = convert::ours(value);
        match (self.failed(), ours) {
            (Some(failure), _) => Err(failure),
            (None, ours) => ours.map_err(RenderError::Wrong),
        }
    }

    fn text_value(self: &Arc<Self>, text: &str) -> Result<Jinja, Error> {
        self.rendered_by(&self.engine.texts, text, &Style::default(), Escapes::Kept)
    }

    /// The value of a template. One that writes one value and nothing else is that value.
    fn rendered_by(
        self: &Arc<Self>,
        environment: &Environment<'static>,
        text: &str,
        style: &Style,
        escapes: Escapes,
    ) -> Result<Jinja, Error> {
        within(text)?;
        if !style.is_template(text) {
            return Ok(Jinja::from(text));
        }
        let text = &newlines(text, style);
        let value = match jinja::template(text, style, escapes).map_err(wrong)? {
            Translated::Expression(expression) => self.evaluate(expression)?,
            Translated::Template(template) => {
                let before = std::mem::take(&mut *lock(&self.written));
                let out = self.render(environment, &template);
                let written = std::mem::replace(&mut *lock(&self.written), before);
                let out = out?;
                match written.last {
                    Some(value) if written.times == 1 && written.bytes == out.len() => value,
                    _ => Jinja::from(out),
                }
            }
        };
        Ok(match value.as_str() {
            Some(one) => Jinja::from(ended_as(text, one.to_owned(), style.newline)),
            None => value,
        })
    }

    fn evaluate(self: &Arc<Self>, expression: String) -> Result<Jinja, Error> {
        self.engine
            .texts
            .compile_expression_owned(expression)?
            .eval(Jinja::from_object(Root(self.clone())))
    }

    /// The value of a template file in this folder, for look-ups inside a rendering as well.
    pub(super) fn file_value(
        self: &Arc<Self>,
        text: &str,
        folder: &str,
        style: &Style,
    ) -> Result<Jinja, Error> {
        within(text)?;
        let (text, style) = header(text, style).map_err(wrong)?;
        let environment = self.engine.for_file(&self.search_path, folder, &style);
        self.rendered_by(&environment, text, &style, Escapes::Read)
    }

    /// The same rendering with more names.
    pub(super) fn with(self: &Arc<Self>, names: crate::model::Map) -> Arc<Self> {
        let mut inner = Self::made(
            &self.engine,
            &self.scope.facts(names),
            &self.search_path,
            Watch::default(),
        );
        inner.budget = self.budget.clone();
        let inner = Arc::new(inner);
        lock(&self.inner).push(inner.clone());
        inner
    }

    /// Forgets what was rendered: values hold the rendering that they are read in, and would hold it for ever.
    pub fn end(&self) {
        lock(&self.done).clear();
        *lock(&self.written) = Count::default();
        for inner in std::mem::take(&mut *lock(&self.inner)) {
            inner.end();
        }
    }

    /// What a rendering inside this one gave; why it failed is why this one does.
    pub(super) fn taken_over<T>(&self, inner: &Self, given: Result<T, Error>) -> Result<T, Error> {
        if let Some(failure) = lock(&inner.failure).take() {
            lock(&self.failure).get_or_insert(failure);
        }
        if let Some(path) = lock(&inner.undefined).take() {
            self.missing(path);
        }
        given
    }

    fn render(
        self: &Arc<Self>,
        environment: &Environment<'static>,
        text: &str,
    ) -> Result<String, Error> {
        let mut out = Bounded(Vec::new());
        // One that fails is no reason to give up where `default` stands around it, but its work was done.
        budget::steps(FAILED)?;
        let done = environment
            .template_from_str(text)?
            .render_captured_to(Jinja::from_object(Root(self.clone())), &mut out)?;
        let work = done.state().fuel_levels().map_or(0, |(used, _)| used);
        budget::steps(usize::try_from(work).unwrap_or(usize::MAX))?;
        drop(done);
        budget::text(out.0.len())?;
        String::from_utf8(out.0).map_err(|error| wrong(error.to_string()))
    }

    /// An expression was written out.
    pub(super) fn emitted(&self, value: &Jinja, text: &str) -> Result<(), Error> {
        if self.depth.load(Ordering::Relaxed) == 0 {
            self.watch.write(text);
        }
        let mut written = lock(&self.written);
        written.times += 1;
        written.bytes += text.len();
        written.last = Some(value.clone());
        if written.bytes > MAX_TEXT {
            return Err(too_long());
        }
        Ok(())
    }

    /// A path that turned out to be undefined, for the message should it be used.
    pub(super) fn missing(&self, path: String) {
        *lock(&self.undefined) = Some(path);
    }

    /// The use of something that is not known yet.
    pub(super) fn unknown(&self, address: &Address) -> Jinja {
        self.fail(RenderError::Unknown(address.clone()))
    }

    /// Remembers why, and gives the engine a value that it refuses to use.
    fn fail(&self, why: RenderError) -> Jinja {
        let value = refused(&why.to_string());
        lock(&self.failure).get_or_insert(why);
        value
    }

    /// Why the engine gave up, in our words.
    fn reason(&self, error: &Error) -> RenderError {
        if let Some(failure) = self.failed() {
            return failure;
        }
        let mut cause: &dyn std::error::Error = error;
        let mut kind = error.kind();
        while let Some(source) = cause.source() {
            cause = source;
            if let Some(error) = source.downcast_ref::<Error>() {
                kind = error.kind();
            }
        }
        if kind == ErrorKind::UndefinedError {
            let name = lock(&self.undefined).clone();
            return RenderError::Undefined(undefined(name, &self.scope));
        }
        RenderError::Wrong(wrong_with(error))
    }
}
