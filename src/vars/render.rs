//! Rendering: from texts with templates to values.

use std::{cell::OnceCell, ops::Range, path::Path, sync::Arc};

use super::{
    RenderError, Scope, SearchPath, Style,
    engine::{Engine, is_template, is_whole_template, set_up},
    jinja,
    secrecy::Secrecy,
    trace::{Altered, Trace},
};
use crate::model::{Map, Redactor, Secret, Value, playbook::Base};

/// Renders the templates of one playbook or environment. Cheap to clone.
#[derive(Clone)]
pub struct Renderer {
    engine: Arc<Engine>,
    redactor: Redactor,
    /// Where look-ups look.
    search_path: Arc<SearchPath>,
    /// The project's folder, where they look at last.
    project: Option<Arc<Path>>,
}

/// What came of a rendering.
#[derive(Debug)]
pub struct Rendered<T> {
    /// The value; of an optional one none where it is `omit`.
    pub value: T,
    /// What of it came from a secret.
    pub secrecy: Secrecy,
    /// The texts in it that were made from secrets.
    pub made: Vec<Secret>,
    /// The whole texts in which such stand.
    pub texts: Vec<Altered>,
}

/// A use of a variable in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The free name, then each constant attribute behind it: `stacks`, `cluster`, `outputs`, `ClusterName`.
    pub parts: Vec<String>,
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
}

impl Renderer {
    /// A renderer whose look-ups and includes read beside this base.
    pub fn new(base: Base) -> Self {
        Self {
            search_path: Arc::new(SearchPath::new(&base, "")),
            engine: Arc::new(set_up(&base)),
            redactor: Redactor::default(),
            project: None,
        }
    }

    /// The same, whose look-ups look in this project's folder where a file is not beside what names it.
    pub fn in_project(mut self, root: &Path) -> Self {
        self.project = Some(root.into());
        self
    }

    /// The same for texts whose look-ups look for files here.
    pub fn looking(mut self, search_path: SearchPath) -> Self {
        self.search_path = Arc::new(search_path.then(self.project.as_ref()));
        self
    }

    /// The same, which tells this redactor what it makes from secrets.
    pub fn telling(mut self, redactor: &Redactor) -> Self {
        self.redactor = redactor.clone();
        self
    }

    /// The redactor that it tells what it makes from secrets.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// The value with all templates rendered. A text that is one whole expression becomes what the expression is; an
    /// entry or item that becomes `omit` is dropped, and a whole value that is `omit` becomes null.
    pub fn value(&self, value: &Value, scope: &Scope) -> Result<Value, RenderError> {
        Ok(self.optional(value, scope)?.unwrap_or(Value::Null))
    }

    /// As [`Renderer::value`], with none for a whole value that is `omit`.
    pub fn optional(&self, value: &Value, scope: &Scope) -> Result<Option<Value>, RenderError> {
        self.rendered(value, scope).map(|rendered| rendered.value)
    }

    /// As [`Renderer::optional`], with what of it came from secrets.
    pub fn rendered(
        &self,
        value: &Value,
        scope: &Scope,
    ) -> Result<Rendered<Option<Value>>, RenderError> {
        let mut trace = self.trace(scope);
        let (value, secrecy) = tree(value, &mut trace)?;
        let (made, texts) = trace.into_parts();
        Ok(Rendered {
            value,
            secrecy,
            made,
            texts,
        })
    }

    /// The text with its templates rendered; what is no text is written as Jinja prints it.
    pub fn text(&self, text: &str, scope: &Scope) -> Result<String, RenderError> {
        if !is_template(text) {
            return Ok(text.to_owned());
        }
        let mut trace = self.trace(scope);
        let (value, _) = trace.render(|now| now.text(text).map(|text| Some(text.into())))?;
        Ok(whole(value))
    }

    /// Whether a condition holds: a bare expression, or a boolean. As in ansible-core since 2.19, what comes of it must be
    /// true or false.
    pub fn condition(&self, condition: &Value, scope: &Scope) -> Result<bool, RenderError> {
        let mut trace = self.trace(scope);
        let value = match condition {
            Value::String(text) if text.trim().is_empty() => {
                return Err(RenderError::Wrong(EMPTY_CONDITION.to_owned()));
            }
            Value::String(text) if is_whole_template(text) => {
                trace.render(|now| now.value(text))?.0
            }
            Value::String(text) => trace.render(|now| now.condition(text))?.0,
            other => Some(other.clone()),
        };
        let came = match value {
            Some(Value::Bool(truth)) => return Ok(truth),
            None => "to nothing",
            Some(Value::Null) => "to `none`",
            Some(Value::String(_)) => "to a text",
            Some(Value::Number(_)) => "to a number",
            Some(Value::Array(_)) => "to a list",
            Some(Value::Object(_)) => "to a mapping",
        };
        Err(RenderError::Wrong(format!(
            "the condition comes {came}, which is neither true nor false: compare it, or write `… | bool`, `… | length > 0` \
             or `… is defined`"
        )))
    }

    /// What a template file becomes, as the `template` module renders it. `folder` is where the file lies, from the
    /// base; what it includes is looked for there as well. Bytes that are no text stay what they are.
    pub fn file(
        &self,
        bytes: &[u8],
        folder: &str,
        style: &Style,
        scope: &Scope,
    ) -> Result<Vec<u8>, RenderError> {
        self.rendered_file(bytes, folder, style, scope)
            .map(|rendered| rendered.value)
    }

    /// What can be known to be wrong with a text before it is rendered: that it cannot be read, or names a filter, a test
    /// or a look-up that is not there.
    pub fn faults(&self, text: &str) -> Vec<String> {
        self.engine.faults(text)
    }

    /// The files that a text surely reads, as far as their names are written out, each behind the folder that is usual for
    /// its kind.
    pub fn files_read(&self, text: &str) -> Vec<(&'static str, String)> {
        self.engine.files(text)
    }

    /// As [`Renderer::faults`], of a condition, which needs no delimiters.
    pub fn condition_faults(&self, text: &str) -> Vec<String> {
        if text.trim().is_empty() {
            vec![EMPTY_CONDITION.to_owned()]
        } else if is_whole_template(text) {
            self.engine.faults(text)
        } else {
            self.engine.condition_faults(text)
        }
    }

    /// As [`Renderer::faults`], of a template file.
    pub fn file_faults(&self, bytes: &[u8], style: &Style) -> Vec<String> {
        self.engine.file_faults(bytes, style)
    }

    /// As [`Renderer::file`], with what of it came from secrets.
    pub fn rendered_file(
        &self,
        bytes: &[u8],
        folder: &str,
        style: &Style,
        scope: &Scope,
    ) -> Result<Rendered<Vec<u8>>, RenderError> {
        let mut trace = self.trace(scope);
        // The first rendering is the real one.
        let real = OnceCell::new();
        let (_, secrecy) = trace.render(|now| {
            let written = now.file(bytes, folder, style)?;
            let text = String::from_utf8_lossy(&written).into_owned();
            let _ = real.set(written);
            Ok(Some(Value::String(text)))
        })?;
        let (made, texts) = trace.into_parts();
        Ok(Rendered {
            value: real.into_inner().unwrap_or_default(),
            secrecy,
            made,
            texts,
        })
    }

    fn trace<'a>(&'a self, scope: &'a Scope) -> Trace<'a> {
        Trace::new(&self.engine, scope, &self.redactor, &self.search_path)
    }

    /// The free variables a text uses, in the order they stand. Refuses a text that is no template.
    pub fn references(&self, text: &str) -> Result<Vec<Reference>, RenderError> {
        if !is_template(text) {
            return Ok(Vec::new());
        }
        jinja::references(text)
            .map(|found| {
                found
                    .into_iter()
                    .map(|(parts, range)| Reference { parts, range })
                    .collect()
            })
            .map_err(RenderError::Wrong)
    }
}

/// What is said of a condition without a word.
const EMPTY_CONDITION: &str = "the condition is empty: take it out, or write `true`";

/// The text of a value that is one.
fn whole(value: Option<Value>) -> String {
    match value {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}

/// Every text of a value, rendered; what is `omit` is left out.
fn tree(value: &Value, trace: &mut Trace<'_>) -> Result<(Option<Value>, Secrecy), RenderError> {
    Ok(match value {
        Value::String(text) if is_template(text) => return trace.render(|now| now.value(text)),
        Value::Array(items) => {
            let mut rendered = Vec::with_capacity(items.len());
            let mut secret = Vec::new();
            for item in items {
                let (item, secrecy) = tree(item, trace)?;
                if item.is_some() {
                    secret.push((rendered.len().to_string(), secrecy));
                }
                rendered.extend(item);
            }
            (Some(Value::Array(rendered)), Secrecy::of_parts(secret))
        }
        Value::Object(map) => {
            let mut rendered = Map::new();
            let mut secret = Vec::new();
            let mut names = Secrecy::Open;
            for (key, item) in map {
                let (Some(item), secrecy) = tree(item, trace)? else {
                    continue;
                };
                let key = if is_template(key) {
                    let (key, secrecy) = trace.render(|now| now.value(key))?;
                    if !secrecy.is_open() {
                        names = Secrecy::Secret;
                    }
                    match key {
                        Some(Value::String(key)) => key,
                        Some(other) => other.to_string(),
                        None => continue,
                    }
                } else {
                    key.clone()
                };
                secret.push((key.clone(), secrecy));
                rendered.insert(key, item);
            }
            let secrecy = if names.is_open() {
                Secrecy::of_parts(secret)
            } else {
                names
            };
            (Some(Value::Object(rendered)), secrecy)
        }
        other => (Some(other.clone()), Secrecy::Open),
    })
}
