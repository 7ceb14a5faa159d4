//! What one rendering is made from, what it has rendered so far, and why it failed.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use minijinja::{Error, ErrorKind, value::Value as Jinja};

use crate::{
    model::{Address, Map, Redactor, Value},
    vars::{
        RenderError, Scope, SearchPath,
        engine::{
            MAX_TEXT,
            bounded::too_long,
            budget::Budget,
            convert,
            environment::Engine,
            error_text::{undefined, wrong_with},
            mistake::wrong,
            watch::{Count, Watch},
        },
    },
};

/// One rendering.
pub(in crate::vars) struct Evaluation {
    pub(super) engine: Arc<Engine>,
    pub(super) scope: Scope,
    /// Where look-ups look for files.
    pub(in crate::vars::engine) search_path: Arc<SearchPath>,
    pub(super) done: Mutex<HashMap<String, Jinja>>,
    pub(super) active: Mutex<Vec<String>>,
    pub(super) depth: AtomicUsize,
    pub(super) renderings: AtomicUsize,
    failure: Mutex<Option<RenderError>>,
    undefined: Mutex<Option<String>>,
    pub(super) written: Mutex<Count>,
    /// The renderings inside this one.
    inner: Mutex<Vec<Arc<Evaluation>>>,
    pub(super) budget: Arc<Budget>,
    /// What came from secrets.
    pub watch: Watch,
}

/// What a lock guards, also when a thread that held it has panicked.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Evaluation {
    /// A rendering of texts that see this scope, and look for files here.
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

    /// What was rendered, unless it was made of something that is not known yet: a filter may have gone on with the
    /// value that stands for it.
    pub(super) fn unless_failed<T>(&self, rendered: T) -> Result<T, RenderError> {
        match self.failed() {
            Some(failure) => Err(failure),
            None => Ok(rendered),
        }
    }

    /// Why it failed, though the engine may have gone on.
    pub(super) fn failed(&self) -> Option<RenderError> {
        lock(&self.failure)
            .take()
            .or_else(|| self.budget.overdrawn().map(RenderError::Wrong))
    }

    /// Our form of a value of the engine's.
    pub(super) fn ours(&self, value: &Jinja) -> Result<Option<Value>, RenderError> {
        if value.is_undefined() {
            return Err(self.reason(&ErrorKind::UndefinedError.into()));
        }
        let ours = convert::ours(value);
        match (self.failed(), ours) {
            (Some(failure), _) => Err(failure),
            (None, ours) => ours.map_err(RenderError::Wrong),
        }
    }

    /// The same rendering with more names.
    pub(in crate::vars::engine) fn with(self: &Arc<Self>, names: Map) -> Arc<Self> {
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
    pub(in crate::vars::engine) fn inherit_failure<T>(
        &self,
        inner: &Self,
        given: Result<T, Error>,
    ) -> Result<T, Error> {
        if let Some(failure) = lock(&inner.failure).take() {
            lock(&self.failure).get_or_insert(failure);
        }
        if let Some(path) = lock(&inner.undefined).take() {
            self.missing(path);
        }
        given
    }

    /// An expression was written out.
    pub(in crate::vars::engine) fn emitted(&self, value: &Jinja, text: &str) -> Result<(), Error> {
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
    pub(in crate::vars::engine) fn missing(&self, path: String) {
        *lock(&self.undefined) = Some(path);
    }

    /// The use of something that is not known yet.
    pub(super) fn unknown(&self, address: &Address) -> Jinja {
        self.fail(RenderError::Unknown(address.clone()))
    }

    /// Remembers why, and gives the engine a value that it refuses to use.
    pub(super) fn fail(&self, why: RenderError) -> Jinja {
        let value = Jinja::from(wrong(why.to_string()));
        lock(&self.failure).get_or_insert(why);
        value
    }

    /// Why the engine gave up, in our words.
    pub(super) fn reason(&self, error: &Error) -> RenderError {
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
