//! What templates see at one place of the walk, in Ansible's order of precedence.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{
    model::{Address, Failure, Located, Map, Origin, Redactor, Secret, Value},
    play::scope::{
        secret_words,
        unresolved::Unresolved,
        yaml_boolean::{boolean, no_boolean, yaml_boolean},
    },
    vars::{
        FoundFile, RenderError, Rendered, Renderer, Scope, Secrecy, Style, is_template,
        is_whole_template,
    },
};

/// Advice for a condition with templates in it.
pub const WITHOUT_DELIMITERS: &str =
    "Write the condition itself, without `{{ }}`: a comparison, or `… | bool`.";

/// The names that templates may use at one place, and what renders them.
#[derive(Clone)]
pub struct TaskScope {
    pub renderer: Renderer,
    pub scope: Scope,
    /// The host, where what is undefined may be so only because a change before it was supposed.
    pub later: Option<Address>,
    /// The texts that were made from secrets through it, and through views that were made of it.
    pub made: Arc<Mutex<Vec<Secret>>>,
}

impl TaskScope {
    /// The same task_scope with one more name from outside.
    pub fn with(&self, name: &str, value: Value) -> Self {
        let mut one = Map::new();
        one.insert(name.to_owned(), value);
        Self {
            scope: self.scope.facts(one),
            ..self.clone()
        }
    }

    /// The same task_scope with one more path that is not known yet.
    pub fn without(&self, path: &str, address: &Address) -> Self {
        Self {
            scope: self.scope.unknown(path, address.clone()),
            ..self.clone()
        }
    }

    /// The value, rendered; null where it is `omit`.
    pub fn value(&self, value: &Value, at: &Origin) -> Result<Value, Unresolved> {
        Ok(self.optional(value, at)?.unwrap_or(Value::Null))
    }

    /// The value, rendered; none where it is `omit`.
    pub fn optional(&self, value: &Value, at: &Origin) -> Result<Option<Value>, Unresolved> {
        Ok(self.rendered(value, at)?.0)
    }

    /// As [`TaskScope::optional`], with what of it came from secrets.
    pub fn rendered(
        &self,
        value: &Value,
        at: &Origin,
    ) -> Result<(Option<Value>, Secrecy), Unresolved> {
        let rendered = self.renderer.rendered(value, &self.scope);
        self.noted(rendered, at)
    }

    /// What came out, its secret texts noted.
    fn noted<T>(
        &self,
        rendered: Result<Rendered<T>, RenderError>,
        at: &Origin,
    ) -> Result<(T, Secrecy), Unresolved> {
        let rendered = rendered.map_err(|error| self.unresolved(error, at))?;
        self.made().extend(rendered.made);
        Ok((rendered.value, rendered.secrecy))
    }

    fn made(&self) -> MutexGuard<'_, Vec<Secret>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What also hides the texts that were made from secrets here, where there are any.
    pub fn near(&self) -> Option<Redactor> {
        let made = self.made();
        (!made.is_empty()).then(|| self.renderer.redactor().also_hiding(&made))
    }

    /// What hides the secrets that are known to all.
    pub fn known(&self) -> &Redactor {
        self.renderer.redactor()
    }

    /// What hides all that is known to be secret in what was made here.
    pub fn redactor(&self) -> Redactor {
        self.near()
            .unwrap_or_else(|| self.renderer.redactor().clone())
    }

    /// The value as text that may be shown; none where it cannot be worked out, or nothing of it may.
    pub fn title(&self, value: &Value, at: &Origin) -> Option<String> {
        let text = self.text(value, at).ok()?;
        match self.near() {
            Some(near) if near.hides_all() => None,
            Some(near) => Some(near.text(&text)),
            None => Some(text),
        }
    }

    /// The value as text.
    pub fn text(&self, value: &Value, at: &Origin) -> Result<String, Unresolved> {
        Ok(match self.value(value, at)? {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        })
    }

    /// A template file beside the playbook, rendered.
    pub fn file(
        &self,
        found: &FoundFile,
        style: &Style,
        at: &Origin,
    ) -> Result<Vec<u8>, Unresolved> {
        let folder = found.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let rendered = self
            .renderer
            .rendered_file(&found.bytes, folder, style, &self.scope);
        Ok(self.noted(rendered, at)?.0)
    }

    /// A task's arguments, rendered. What the module makes of a secret in a command line is secret as well.
    pub fn arguments(&self, module: &str, args: &Map, at: &Origin) -> Result<Map, Unresolved> {
        let value = Value::Object(args.clone());
        let mut rendered = self
            .renderer
            .rendered(&value, &self.scope)
            .map_err(|error| self.unresolved(error, at))?;
        let args = match rendered.value.take() {
            Some(Value::Object(args)) => args,
            _ => Map::new(),
        };
        let words = secret_words::secret_words(module, &args, &rendered.texts);
        self.known().learn_made(&words);
        self.made().extend(rendered.made.into_iter().chain(words));
        Ok(args)
    }

    /// The value as a number.
    pub fn number(&self, value: &Located<Value>) -> Result<f64, Unresolved> {
        let rendered = self.value(&value.value, &value.at)?;
        let number = match &rendered {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| {
            Unresolved::Failed(
                Failure::new(
                    "not a number",
                    format!("A number is expected here, but there is `{rendered}`."),
                )
                .at(&value.at),
            )
        })
    }

    /// Whether a keyword such as `become` says yes: a boolean, a word for one, or a template of it.
    pub fn truth(&self, keyword: &Located<Value>) -> Result<bool, Unresolved> {
        let said = self.value(&keyword.value, &keyword.at)?;
        if said.is_null() {
            return Ok(false);
        }
        boolean(&said).ok_or_else(|| Unresolved::Failed(no_boolean(&said, &keyword.at)))
    }

    /// Whether a condition holds: a boolean, an expression, or a template of one.
    pub fn condition(&self, condition: &Located<Value>) -> Result<bool, Unresolved> {
        let at = &condition.at;
        let text = match &condition.value {
            Value::String(text) if is_whole_template(text) => {
                return self.templated_condition(text, at);
            }
            Value::String(text) => text,
            value => return self.judged(value, at),
        };
        let judged = self.judged(&condition.value, at);
        match (judged, yaml_boolean(text)) {
            (Err(Unresolved::Failed(failure)), Some(word)) => {
                let help = format!(
                    "In quotes `{text}` is the name of a variable: write `{word}`, without quotes."
                );
                Err(Unresolved::Failed(failure.help(help)))
            }
            (Err(Unresolved::Failed(failure)), None) if is_template(text) => {
                Err(Unresolved::Failed(failure.help(WITHOUT_DELIMITERS)))
            }
            (judged, _) => judged,
        }
    }

    /// Whether what is no template of a condition holds.
    fn judged(&self, condition: &Value, at: &Origin) -> Result<bool, Unresolved> {
        self.renderer
            .condition(condition, &self.scope)
            .map_err(|error| self.unresolved(error, at))
    }

    /// Whether what a template comes to holds. Text that it comes to is evaluated where the user wrote it, as a variable
    /// that is a condition; any other may be a host's, and is neither true nor false.
    fn templated_condition(&self, text: &str, at: &Origin) -> Result<bool, Unresolved> {
        let found = self.value(&Value::String(text.to_owned()), at)?;
        if !found.is_string() {
            return self.judged(&found, at);
        }
        let name = text.trim().strip_prefix("{{");
        let name = name.and_then(|rest| rest.strip_suffix("}}"));
        let written = name.and_then(|name| self.scope.written(name.trim()));
        if let Some(written @ Value::String(_)) = written {
            let condition = Located::new(written.clone(), at.clone());
            // One that is a template itself comes to text once more, and is judged in the same way.
            return self.condition(&condition);
        }
        Err(Unresolved::Failed(
            Failure::new(
                "this is no condition",
                format!("`{text}` came out as text, which is neither true nor false."),
            )
            .help(WITHOUT_DELIMITERS)
            .at(at),
        ))
    }

    /// The text of the first condition that does not hold; none when all do.
    pub fn first_false(&self, conditions: &[Located<Value>]) -> Result<Option<String>, Unresolved> {
        for condition in conditions {
            if !self.condition(condition)? {
                return Ok(Some(match &condition.value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                }));
            }
        }
        Ok(None)
    }

    /// Whether all conditions hold.
    pub fn all(&self, conditions: &[Located<Value>]) -> Result<bool, Unresolved> {
        Ok(self.first_false(conditions)?.is_none())
    }

    fn unresolved(&self, error: RenderError, at: &Origin) -> Unresolved {
        match (error, &self.later) {
            (RenderError::Unknown(address), _) => Unresolved::Unknown(address),
            (RenderError::Undefined(_), Some(address)) => Unresolved::Unknown(address.clone()),
            (error, _) => Unresolved::Failed(error.failure(at)),
        }
    }
}
