//! Who runs a task, and how: the keywords beside its module.

use std::collections::BTreeMap;

use crate::{
    model::{Failure, Origin, Value},
    play::scope::{
        inherited::Inherited, scopes::Scopes, task_scope::TaskScope, unresolved::Unresolved,
    },
};

/// Whom a task becomes that does not say it, or says `omit`.
pub const ROOT: &str = "root";

/// A task's keywords, rendered.
#[derive(Debug, Clone, Default)]
pub struct TaskKeywords {
    /// The user it becomes; none for the user we are logged in as.
    pub user: Option<String>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// `no_log`.
    pub no_log: bool,
    /// `check_mode`.
    pub check_mode: Option<bool>,
    /// Whether `delegate_to` sends it to the operator's machine.
    pub local: bool,
}

impl Scopes {
    /// Renders a task's keywords.
    pub fn keywords(
        &self,
        frame: &Inherited,
        task_scope: &TaskScope,
    ) -> Result<TaskKeywords, Unresolved> {
        let flag = |keyword: &Option<_>| match keyword {
            Some(keyword) => task_scope.truth(keyword).map(Some),
            None => Ok(None),
        };
        let becomes = flag(&frame.becomes)?.unwrap_or(self.walk.r#become);
        Ok(TaskKeywords {
            user: if becomes {
                self.user(frame, task_scope)?
            } else {
                None
            },
            environment: environment(frame, task_scope)?,
            no_log: flag(&frame.no_log)?.unwrap_or(false),
            check_mode: flag(&frame.check_mode)?,
            local: self.local(frame, task_scope)?,
        })
    }

    /// Whether nothing of a task may be told: it says so, or it cannot be worked out whether it does.
    pub fn keeps_silent(&self, frame: &Inherited, task_scope: &TaskScope) -> bool {
        let told = |keyword| matches!(task_scope.truth(keyword), Ok(false));
        frame.no_log.as_ref().is_some_and(|keyword| !told(keyword))
    }

    fn user(
        &self,
        frame: &Inherited,
        task_scope: &TaskScope,
    ) -> Result<Option<String>, Unresolved> {
        let user = match &frame.become_user {
            Some(user) => match task_scope.optional(&user.value, &user.at)? {
                Some(_) => task_scope.text(&user.value, &user.at)?,
                None => ROOT.to_owned(),
            },
            None => ROOT.to_owned(),
        };
        Ok((user != self.walk.login.user && !user.is_empty()).then_some(user))
    }

    fn local(&self, frame: &Inherited, task_scope: &TaskScope) -> Result<bool, Unresolved> {
        let Some(to) = &frame.delegate_to else {
            return Ok(false);
        };
        let host = task_scope.text(&to.value, &to.at)?;
        match host.as_str() {
            "localhost" | "127.0.0.1" => Ok(true),
            host if host == self.walk.address.name => Ok(false),
            host => Err(Unresolved::Failed(
                Failure::new(
                    "a task for another host",
                    format!("`delegate_to` names `{host}`, but a playbook here speaks to its own host only."),
                )
                .help("Move the task into that host's own playbook.")
                .at(&to.at),
            )),
        }
    }
}

/// The failure of an `environment` that is no mapping.
pub fn no_environment(value: &Value, at: &Origin) -> Failure {
    let what = format!("`environment` takes names with values, but here is `{value}`.");
    Failure::new("environment is not a mapping", what).at(at)
}

/// All `environment`s together, the innermost winning.
fn environment(
    frame: &Inherited,
    task_scope: &TaskScope,
) -> Result<BTreeMap<String, String>, Unresolved> {
    let mut all = BTreeMap::new();
    for written in &frame.environment {
        let parts = match task_scope.value(&written.value, &written.at)? {
            Value::Array(parts) => parts,
            one => vec![one],
        };
        for part in parts {
            let names = match part {
                Value::Object(names) => names,
                Value::Null => continue,
                Value::String(text) if text.is_empty() => continue,
                other => return Err(Unresolved::Failed(no_environment(&other, &written.at))),
            };
            for (name, value) in names {
                let value = match value {
                    Value::String(text) => text,
                    Value::Null => String::new(),
                    Value::Bool(true) => "True".to_owned(),
                    Value::Bool(false) => "False".to_owned(),
                    other => other.to_string(),
                };
                all.insert(name, value);
            }
        }
    }
    Ok(all)
}
