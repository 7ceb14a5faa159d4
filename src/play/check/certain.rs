//! The variables of a playbook whose values are certain before a host is asked.
//!
//! Certain is what is written out, and what templates make of that alone. A name that a task may set is anything yet.

use std::collections::BTreeSet;

use crate::{
    model::{
        Map, Value,
        playbook::{Play, Playbook, Step, Task},
    },
    play::files::task_files::{TaskFiles, named},
    vars::{Renderer, Scope, is_template},
};

/// Names that tasks of a playbook may set.
pub struct Settable {
    names: BTreeSet<String>,
    /// Whether these are all.
    all: bool,
}

impl Settable {
    /// Those that its tasks set wherever they stand: what one play sets, a later one sees.
    pub fn of(playbook: &Playbook, files: &TaskFiles) -> Self {
        let mut found = Self {
            names: BTreeSet::new(),
            all: true,
        };
        let mut read = BTreeSet::new();
        for play in &playbook.plays {
            for steps in play.sections.iter().chain([&play.handlers]) {
                found.steps(steps, files, "", &mut read);
            }
        }
        found
    }

    /// Whether a task may set this name.
    pub fn may_set(&self, name: &str) -> bool {
        !self.all || self.names.contains(name)
    }

    fn steps(
        &mut self,
        steps: &[Step],
        files: &TaskFiles,
        folder: &str,
        read: &mut BTreeSet<String>,
    ) {
        for step in steps {
            match step {
                Step::Block(block) => {
                    self.names.extend(block.common.vars.keys().cloned());
                    for steps in [&block.steps, &block.rescue, &block.always] {
                        self.steps(steps, files, folder, read);
                    }
                }
                Step::Task(task) => self.task(task, files, folder, read),
            }
        }
    }

    fn task(&mut self, task: &Task, files: &TaskFiles, folder: &str, read: &mut BTreeSet<String>) {
        self.names.extend(task.common.vars.keys().cloned());
        self.names.extend(task.register.clone());
        let repeat = task.r#loop.iter();
        let repeat = repeat.flat_map(|repeat| [Some(&repeat.variable), repeat.index.as_ref()]);
        self.names.extend(repeat.flatten().cloned());
        let applied = task.args.get("apply").and_then(|apply| apply.get("vars"));
        if let Some(Value::Object(vars)) = applied {
            self.names.extend(vars.keys().cloned());
        }
        match task.module.as_str() {
            "set_fact" => {
                self.all &= !task.args.contains_key("_raw_params");
                self.all &= !task.args.keys().any(|name| is_template(name));
                self.names.extend(task.args.keys().cloned());
            }
            "import_tasks" | "include_tasks" | "include" => {
                let name = named(task).and_then(Value::as_str);
                let name = name.filter(|name| !is_template(name));
                let file = name.map(|name| files.find(name, folder, &task.args_at));
                match file {
                    Some(Ok(file)) if !read.insert(file.path.clone()) => {}
                    Some(Ok(file)) => self.steps(&file.steps, files, &file.folder, read),
                    Some(Err(_)) | None => self.all = false,
                }
            }
            "include_vars" | "include_role" | "import_role" => self.all = false,
            _ => {}
        }
    }
}

/// How deep variables are followed in search of a circle.
const DEEPEST: usize = 40;

/// The variables that are certain in a play, and what renders them.
pub struct Certain {
    pub renderer: Renderer,
    /// These, and nothing else.
    pub scope: Scope,
}

impl Certain {
    /// `vars` are the host's own, which beat all others; `own` is what the program itself says of it, over all of them.
    pub fn new(
        renderer: Renderer,
        play: &Play,
        settable: &Settable,
        vars: &Map,
        own: &Map,
    ) -> Self {
        let certain = |name: &String| play.vars_files.is_empty() && !settable.may_set(name);
        let play_vars = play.vars.iter().filter(|(name, _)| certain(name));
        let mut known: Map = play_vars
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        known.extend(vars.clone());
        known.extend(own.clone());
        Self {
            renderer,
            scope: Scope::new().layer(known),
        }
    }

    /// The variables that a value is made of, and those that they are made of; none where one of them is not certain.
    pub fn made_of(&self, value: &Value) -> Option<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        self.of_value(value, &mut found, &mut Vec::new())?;
        Some(found)
    }

    /// The same of a condition.
    pub fn condition_made_of(&self, condition: &str) -> Option<BTreeSet<String>> {
        self.made_of(&Value::String(format!("{{{{ {condition} }}}}")))
    }

    /// The variables that are made of one another in a circle, to which this value surely comes; none where it does not.
    pub fn circle(&self, value: &Value) -> Option<Vec<String>> {
        match value {
            Value::String(text) => self.circle_of_text(text, &mut Vec::new()),
            Value::Array(items) => items.iter().find_map(|item| self.circle(item)),
            Value::Object(map) => map.values().find_map(|item| self.circle(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }

    fn circle_of_text(&self, text: &str, open: &mut Vec<String>) -> Option<Vec<String>> {
        // Of these, what stands in them may not be come to.
        let chosen = ["{%", " if ", " and ", " or ", "default", "|d(", "| d("];
        if !is_template(text) || chosen.iter().any(|word| text.contains(word)) {
            return None;
        }
        for reference in self.renderer.references(text).ok()? {
            // A part of a variable may be made of another part of it.
            let [name] = reference.parts.as_slice() else {
                continue;
            };
            if let Some(first) = open.iter().position(|one| one == name) {
                return Some(open[first..].to_vec());
            }
            let Some(Value::String(text)) = self.scope.get(name) else {
                continue;
            };
            open.push(name.clone());
            let found = self.circle_of_text(text, open);
            open.pop();
            if found.is_some() || open.len() > DEEPEST {
                return found;
            }
        }
        None
    }

    fn of_value(
        &self,
        value: &Value,
        found: &mut BTreeSet<String>,
        open: &mut Vec<String>,
    ) -> Option<()> {
        match value {
            Value::String(text) if is_template(text) => self.of_text(text, found, open),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Some(()),
            Value::Array(items) => items
                .iter()
                .try_for_each(|item| self.of_value(item, found, open)),
            Value::Object(map) => map.iter().try_for_each(|(key, item)| {
                (!is_template(key)).then_some(())?;
                self.of_value(item, found, open)
            }),
        }
    }

    fn of_text(
        &self,
        text: &str,
        found: &mut BTreeSet<String>,
        open: &mut Vec<String>,
    ) -> Option<()> {
        // What statements bring in, and what chance decides, stands in no name.
        if text.contains("{%") || text.contains("random") || text.contains("shuffle") {
            return None;
        }
        for reference in self.renderer.references(text).ok()? {
            let name = reference.parts.first()?;
            if open.contains(name) {
                return None;
            }
            let value = self.scope.get(name)?;
            if found.insert(name.clone()) {
                open.push(name.clone());
                self.of_value(value, found, open)?;
                open.pop();
            }
        }
        Some(())
    }
}
