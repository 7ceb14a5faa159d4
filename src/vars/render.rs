//! Rendering: from texts with templates to values.

use std::{ops::Range, sync::Arc};

use super::{
    RenderError, Scope, Style,
    engine::{Engine, Evaluation, is_template},
    jinja,
};
use crate::model::{Map, Value, playbook::Base};

/// Renders the templates of one playbook or environment. Cheap to clone.
#[derive(Clone)]
pub struct Renderer {
    engine: Arc<Engine>,
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
            engine: Arc::new(Engine::new(base)),
        }
    }

    /// The value with all templates rendered. A text that is one whole expression becomes what the expression is; an
    /// entry or item that becomes `omit` is dropped, and a whole value that is `omit` becomes null.
    pub fn value(&self, value: &Value, scope: &Scope) -> Result<Value, RenderError> {
        Ok(self.optional(value, scope)?.unwrap_or(Value::Null))
    }

    /// As [`Renderer::value`], with none for a whole value that is `omit`.
    pub fn optional(&self, value: &Value, scope: &Scope) -> Result<Option<Value>, RenderError> {
        tree(value, &Evaluation::new(&self.engine, scope))
    }

    /// The text with its templates rendered; what is no text is written as Jinja prints it.
    pub fn text(&self, text: &str, scope: &Scope) -> Result<String, RenderError> {
        if !is_template(text) {
            return Ok(text.to_owned());
        }
        Evaluation::new(&self.engine, scope).text(text)
    }

    /// Whether a condition holds: a bare expression, a boolean, or any value with Python's notion of truth.
    pub fn condition(&self, condition: &Value, scope: &Scope) -> Result<bool, RenderError> {
        let evaluation = Evaluation::new(&self.engine, scope);
        let value = match condition {
            Value::String(text) if is_template(text) => evaluation.value(text)?,
            Value::String(text) if text.trim().is_empty() => return Ok(true),
            Value::String(text) => evaluation.condition(text)?,
            other => Some(other.clone()),
        };
        Ok(value.is_some_and(|value| truth(&value)))
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
        Evaluation::new(&self.engine, scope).file(bytes, folder, style)
    }

    /// What can be known to be wrong with a text before it is rendered: that it cannot be read, or names a filter, a test
    /// or a look-up that is not there.
    pub fn faults(&self, text: &str) -> Vec<String> {
        self.engine.faults(text)
    }

    /// As [`Renderer::faults`], of a condition, which needs no delimiters.
    pub fn condition_faults(&self, text: &str) -> Vec<String> {
        match is_template(text) || text.trim().is_empty() {
            true => self.engine.faults(text),
            false => self.engine.condition_faults(text),
        }
    }

    /// As [`Renderer::faults`], of a template file.
    pub fn file_faults(&self, bytes: &[u8], style: &Style) -> Vec<String> {
        self.engine.file_faults(bytes, style)
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

fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(s) => !s.is_empty(),
        Value::Array(a) => !a.is_empty(),
        Value::Object(o) => !o.is_empty(),
    }
}

/// Every text of a value, rendered; what is `omit` is left out.
fn tree(value: &Value, evaluation: &Arc<Evaluation>) -> Result<Option<Value>, RenderError> {
    Ok(Some(match value {
        Value::String(text) if is_template(text) => return evaluation.value(text),
        Value::Array(items) => {
            let mut rendered = Vec::with_capacity(items.len());
            for item in items {
                rendered.extend(tree(item, evaluation)?);
            }
            Value::Array(rendered)
        }
        Value::Object(map) => {
            let mut rendered = Map::new();
            for (key, item) in map {
                if let Some(item) = tree(item, evaluation)? {
                    let key = if is_template(key) {
                        match evaluation.value(key)? {
                            Some(Value::String(key)) => key,
                            Some(other) => other.to_string(),
                            None => continue,
                        }
                    } else {
                        key.clone()
                    };
                    rendered.insert(key, item);
                }
            }
            Value::Object(rendered)
        }
        other => other.clone(),
    }))
}
