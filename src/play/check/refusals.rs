//! What a playbook surely refuses: assertions that cannot hold, and arguments that modules do not take, with the variables
//! that a host has, whatever the host is.
//!
//! A run meets these on the host. Judged is only what is certain before it.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    model::{
        Address, Failure, Located, Map, Origin, Value,
        playbook::{Common, Playbook, Step, Task},
    },
    play::{
        check::{
            certain::{Certain, Settable},
            examiner::{refused_arguments, written_with_templates},
        },
        files::{
            library::Library,
            task_files::{TaskFiles, expanded},
        },
        scope::{magic, yaml_boolean::yaml_boolean},
    },
    vars::{RenderError, Renderer, is_whole_template},
};

/// A host as its environment declares it.
pub struct DeclaredHost<'a> {
    /// Its address in the environment.
    pub address: &'a Address,
    /// Its login, which may have templates.
    pub login: &'a Map,
    /// Its own variables, which beat all others.
    pub vars: &'a Map,
}

/// What a playbook refuses, and the variables of the host that lead to it.
pub struct Refusal {
    /// What is refused.
    pub failure: Failure,
    /// Where in the playbook.
    pub at: Origin,
    /// The names of these variables.
    pub variables: BTreeSet<String>,
}

/// What does not hold on this host, and what its modules do not take.
pub fn refusals(
    playbook: &Playbook,
    library: &Arc<dyn Library>,
    host: &DeclaredHost<'_>,
) -> Vec<Refusal> {
    let files = TaskFiles::new(playbook.base.clone(), library.clone());
    let settable = Settable::of(playbook, &files);
    let own = magic::login_names(&host.address.name, host.login);
    let mut found = Vec::new();
    for play in &playbook.plays {
        let sections = play.sections.iter();
        let sections = sections.map(|steps| expanded(&files, steps, "", &[]));
        // What cannot be read is told already.
        let Ok(sections) = sections.collect::<Result<Vec<_>, _>>() else {
            continue;
        };
        let renderer = Renderer::new(playbook.base.clone());
        let certain = Certain::new(renderer, play, &settable, host.vars, &own);
        let judge = Judge {
            certain,
            settable: &settable,
            host,
        };
        judge.steps(sections.iter().flatten(), false, &mut found);
    }
    found
}

struct Judge<'a> {
    certain: Certain,
    settable: &'a Settable,
    host: &'a DeclaredHost<'a>,
}

impl Judge<'_> {
    /// `silent` is whether values of these steps may not be told.
    fn steps<'s>(
        &self,
        steps: impl Iterator<Item = &'s Step>,
        silent: bool,
        found: &mut Vec<Refusal>,
    ) {
        for step in steps {
            match step {
                Step::Block(block) if self.surely_reached(&block.common) => {
                    let silent = silent || block.common.no_log.is_some();
                    // What is rescued ends nothing.
                    if block.rescue.is_empty() {
                        self.steps(block.steps.iter(), silent, found);
                    }
                    self.steps(block.always.iter(), silent, found);
                }
                Step::Task(task) if self.surely_reached(&task.common) => {
                    let silent = silent || task.common.no_log.is_some();
                    found.extend(self.task(task, silent));
                }
                Step::Block(block) => found.extend(self.broken_condition(&block.common)),
                Step::Task(task) => found.extend(self.broken_condition(&task.common)),
            }
        }
    }

    /// Whether a run on this host comes to it, and ends where it fails.
    fn surely_reached(&self, common: &Common) -> bool {
        let holds = |one: &Located<Value>| self.verdict(&one.value) == Some(true);
        common.ignore_errors.is_none()
            && common.tags.iter().all(|tag| tag != "never")
            && common.when.iter().all(holds)
    }

    /// What is refused of a task that a run comes to.
    fn task(&self, task: &Task, silent: bool) -> Option<Refusal> {
        if let Some(refusal) = self.circle(task) {
            return Some(refusal);
        }
        if task.r#loop.is_some() || !task.failed_when.is_empty() {
            return None;
        }
        match task.module.as_str() {
            "assert" => self.assertion(task, silent),
            _ => self.arguments(task, silent),
        }
    }

    /// Variables of which its arguments or its loop are made, and that are made of one another.
    fn circle(&self, task: &Task) -> Option<Refusal> {
        let items = task.r#loop.as_ref().map(|repeat| &repeat.items.value);
        let mut values = task.args.values().chain(items);
        let circle = values.find_map(|value| self.certain.circle(value))?;
        self.made_of_one_another(circle, &task.args_at)
    }

    fn made_of_one_another(&self, circle: Vec<String>, at: &Origin) -> Option<Refusal> {
        let what = match circle.as_slice() {
            [one] => format!("`{one}` is made of itself."),
            [first, others @ ..] => format!(
                "`{first}` is made of `{}`, and that of `{first}` again.",
                others.join("`, that of `")
            ),
            [] => return None,
        };
        Some(Refusal {
            failure: Failure::new("variables are made of one another", what)
                .help("Give one of them a value that needs none of the others."),
            at: at.clone(),
            variables: self.own(Some(circle.into_iter().collect())),
        })
    }

    /// The first condition on the way to a step that comes to neither true nor false.
    fn broken_condition(&self, common: &Common) -> Option<Refusal> {
        if common.ignore_errors.is_some() || common.tags.iter().any(|tag| tag == "never") {
            return None;
        }
        let mut conditions = common.when.iter();
        let broken = conditions.find(|one| self.verdict(&one.value) != Some(true))?;
        let text = broken.value.as_str()?;
        if let Some(circle) = self.certain.circle(&format!("{{{{ {text} }}}}").into()) {
            return self.made_of_one_another(circle, &broken.at);
        }
        if let Some(word) = self.quoted_word(text) {
            let what = format!("`{text}` in quotes is the name of a variable that nothing sets.");
            let help = format!("Write `{word}`, without quotes.");
            return Some(Refusal {
                failure: Failure::new("this is no condition", what).help(help),
                at: broken.at.clone(),
                variables: BTreeSet::new(),
            });
        }
        let variables = self.certain.condition_made_of(text)?;
        let Certain { renderer, scope } = &self.certain;
        // What has no variable is told without a host.
        let Err(RenderError::Wrong(why)) = renderer.condition(&broken.value, scope) else {
            return None;
        };
        let host = self.host.address;
        let what = format!(
            "With the variables of {host}, `{text}` at {} is none.",
            broken.at
        );
        Some(Refusal {
            failure: Failure::new("this is no condition", what).why(why),
            at: broken.at.clone(),
            variables: self.own(Some(variables)),
        })
    }

    /// What a text was meant to say that YAML reads as a boolean without its quotes.
    fn quoted_word(&self, text: &str) -> Option<bool> {
        let name = text.trim();
        let word = yaml_boolean(name)?;
        let known = self.certain.scope.get(name).is_some() || self.settable.may_set(name);
        (!known).then_some(word)
    }

    /// The first of its conditions that does not hold.
    fn assertion(&self, task: &Task, silent: bool) -> Option<Refusal> {
        let conditions = match task.args.get("that")? {
            Value::Array(conditions) => conditions.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut conditions = conditions.iter();
        let broken = conditions.find(|one| self.verdict(one) == Some(false))?;
        let text = match broken {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let host = self.host.address;
        let what = format!(
            "With the variables of {host}, `{text}` does not hold, which {} asserts.",
            task.args_at
        );
        let failure = Failure::new("an assertion does not hold", what);
        let message = task.args.get("fail_msg").or_else(|| task.args.get("msg"));
        let Certain { renderer, scope } = &self.certain;
        let message = message
            .filter(|message| !silent && self.certain.made_of(message).is_some())
            .and_then(|message| renderer.text(message.as_str()?, scope).ok());
        Some(Refusal {
            failure: match message {
                Some(message) => failure.why(message),
                None => failure,
            },
            at: task.args_at.clone(),
            variables: self.own(self.certain.condition_made_of(&text)),
        })
    }

    /// What the module says to arguments that variables of the host are part of.
    fn arguments(&self, task: &Task, silent: bool) -> Option<Refusal> {
        let args = Value::Object(task.args.clone());
        if !written_with_templates(&args) {
            return None;
        }
        let variables = self.own(Some(self.certain.made_of(&args)?));
        if variables.is_empty() {
            return None;
        }
        let Certain { renderer, scope } = &self.certain;
        let Ok(Value::Object(args)) = renderer.value(&args, scope) else {
            return None;
        };
        let failure = refused_arguments(&task.module, &args)?;
        let host = self.host.address;
        let what = format!(
            "With the variables of {host}, the task at {} cannot be done: {}",
            task.args_at, failure.what
        );
        let failure = if silent {
            failure.hidden("the task is marked no_log")
        } else {
            Failure::new(failure.summary, what)
                .why_of(&failure)
                .help(failure.help.clone())
        };
        Some(Refusal {
            failure,
            at: task.args_at.clone(),
            variables,
        })
    }

    /// Those that the host has of its own.
    fn own(&self, variables: Option<BTreeSet<String>>) -> BTreeSet<String> {
        let variables = variables.unwrap_or_default().into_iter();
        let own = variables.filter(|name| self.host.vars.contains_key(name));
        own.collect()
    }

    /// Whether a condition holds; none where that is not certain.
    fn verdict(&self, condition: &Value) -> Option<bool> {
        let text = match condition {
            Value::Bool(truth) => return Some(*truth),
            Value::String(text) if is_whole_template(text) => return None,
            Value::String(text) => text,
            _ => return None,
        };
        self.certain.condition_made_of(text)?;
        let Certain { renderer, scope } = &self.certain;
        renderer.condition(condition, scope).ok()
    }
}
