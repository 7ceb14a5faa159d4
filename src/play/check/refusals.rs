//! What a playbook surely refuses: assertions that cannot hold with the variables that a host has, whatever the host is.
//!
//! A run meets these on the host. Judged is only what is written out: a variable that a template makes, or that a task may
//! set, is anything yet.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    model::{
        Address, Failure, Located, Map, Value,
        playbook::{Common, Play, Playbook, Step, Task},
    },
    play::{
        check::examiner::written_with_templates,
        files::{
            library::Library,
            task_files::{TaskFiles, expanded},
        },
        scope::yaml_boolean::yaml_boolean,
    },
    vars::{Renderer, Scope, is_template},
};

/// The assertions that do not hold on this host with its own variables, which beat all others.
pub fn refusals(
    playbook: &Playbook,
    library: &Arc<dyn Library>,
    host: &Address,
    vars: &Map,
) -> Vec<Failure> {
    let files = TaskFiles::new(playbook.base.clone(), library.clone());
    let renderer = Renderer::new(playbook.base.clone());
    let mut found = Vec::new();
    for play in &playbook.plays {
        let sections = play.sections.iter();
        let sections = sections.map(|steps| expanded(&files, steps, "", &[]));
        // What cannot be read is told already.
        let Ok(sections) = sections.collect::<Result<Vec<_>, _>>() else {
            continue;
        };
        let known = known(play, sections.iter().flatten(), vars);
        let judge = Judge {
            renderer: &renderer,
            scope: Scope::new().layer(known),
            host,
        };
        judge.steps(sections.iter().flatten(), &mut found);
    }
    found
}

/// The variables whose values are certain: the host's own, and those of the play that nothing else may set.
fn known<'a>(play: &Play, mut steps: impl Iterator<Item = &'a Step>, vars: &Map) -> Map {
    let mut set = BTreeSet::new();
    // Where these are not all, none of the play's counts.
    let all = steps.all(|step| sets(step, &mut set));
    let play_vars = play.vars.iter();
    let certain = |name: &String| all && play.vars_files.is_empty() && !set.contains(name);
    let mut known: Map = play_vars
        .filter(|(name, _)| certain(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    known.extend(vars.clone());
    known.retain(|_, value| !written_with_templates(value));
    known
}

/// Adds the names that a step may set; gives whether these are all.
fn sets(step: &Step, names: &mut BTreeSet<String>) -> bool {
    match step {
        Step::Block(block) => {
            names.extend(block.common.vars.keys().cloned());
            let parts = [&block.steps, &block.rescue, &block.always];
            parts.into_iter().flatten().all(|step| sets(step, names))
        }
        Step::Task(task) => {
            names.extend(task.common.vars.keys().cloned());
            names.extend(task.register.clone());
            let repeat = task.r#loop.iter();
            names.extend(repeat.map(|repeat| repeat.variable.clone()));
            if task.module == "set_fact" {
                names.extend(task.args.keys().cloned());
            }
            let brings = ["include", "import_", "include_"];
            !brings.iter().any(|word| task.module.starts_with(word))
        }
    }
}

struct Judge<'a> {
    renderer: &'a Renderer,
    /// What is certain, and nothing else.
    scope: Scope,
    host: &'a Address,
}

impl Judge<'_> {
    fn steps<'s>(&self, steps: impl Iterator<Item = &'s Step>, found: &mut Vec<Failure>) {
        for step in steps {
            match step {
                Step::Block(block) if self.surely_reached(&block.common) => {
                    // What is rescued ends nothing.
                    if block.rescue.is_empty() {
                        self.steps(block.steps.iter(), found);
                    }
                    self.steps(block.always.iter(), found);
                }
                Step::Task(task)
                    if task.module == "assert"
                        && task.r#loop.is_none()
                        && task.failed_when.is_empty()
                        && self.surely_reached(&task.common) =>
                {
                    found.extend(self.assertion(task));
                }
                Step::Block(_) | Step::Task(_) => {}
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

    /// The first of its conditions that does not hold.
    fn assertion(&self, task: &Task) -> Option<Failure> {
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
        let failure = Failure::new(
            "an assertion does not hold",
            format!(
                "With the variables of {}, `{text}` does not hold.",
                self.host
            ),
        )
        .at(&task.args_at);
        let message = task.args.get("fail_msg").or_else(|| task.args.get("msg"));
        let message =
            message.and_then(|message| self.renderer.text(message.as_str()?, &self.scope).ok());
        Some(match message {
            Some(message) => failure.why(message),
            None => failure,
        })
    }

    /// Whether a condition holds; none where that is not certain.
    fn verdict(&self, condition: &Value) -> Option<bool> {
        let text = match condition {
            Value::Bool(truth) => return Some(*truth),
            Value::String(text) if is_template(text) => return None,
            Value::String(text) => text,
            _ => return None,
        };
        if let Some(word) = yaml_boolean(text) {
            return Some(word);
        }
        let used = self
            .renderer
            .references(&format!("{{{{ {text} }}}}"))
            .ok()?;
        let certain = |name: Option<&String>| self.scope.get(name?).map(|_| ());
        for reference in &used {
            certain(reference.parts.first())?;
        }
        self.renderer.condition(condition, &self.scope).ok()
    }
}
