//! What else can be known to be wrong with a playbook before a host is asked: expressions that cannot be evaluated, files
//! that are not there, values that a module refuses.
//!
//! A run meets these where a task is reached. Whoever checks wants to see all of them at once.

use crate::{
    model::{
        Failure, Located, Map, Origin, Value,
        playbook::{Base, Common, LoopLookup, Play, Task},
    },
    play::{
        control::argument_rules,
        files::controller_files::{controller_file, missing_controller_file},
        scope::{
            task_keywords::no_environment,
            task_scope::WITHOUT_DELIMITERS,
            yaml_boolean::{boolean, no_boolean},
        },
    },
    resource::host::{self, Context},
    vars::{Renderer, SearchPath, Style, is_template},
};

/// Looks into texts, files and values.
pub struct Examiner {
    renderer: Renderer,
    base: Base,
}

impl Examiner {
    /// One of files beside this base.
    pub fn new(base: Base) -> Self {
        Self {
            renderer: Renderer::new(base.clone()),
            base,
        }
    }

    /// What a play says of itself.
    pub fn play(&self, play: &Play, wrong: &mut Vec<Failure>) {
        self.map(&play.vars, "`vars`", &play.at, wrong);
        self.located("environment", play.environment.as_ref(), wrong);
        self.environment(play.environment.as_ref(), wrong);
        self.boolean("become", play.r#become.on.as_ref(), wrong);
        for file in &play.vars_files {
            if let Some(name) = constant(Some(&file.value)) {
                let why = format!("`vars_files` names `{name}`.");
                self.bytes("vars", name, "", &why, &file.at, wrong);
            }
        }
    }

    /// What tasks and blocks have in common, but for the conditions.
    pub fn common(&self, common: &Common, wrong: &mut Vec<Failure>) {
        self.map(&common.vars, "`vars`", &common.at, wrong);
        let name = Value::String(common.name.clone());
        self.value(&name, "`name`", &common.at, wrong);
        for (word, value) in [
            ("become_user", &common.r#become.user),
            ("environment", &common.environment),
            ("delegate_to", &common.delegate_to),
        ] {
            self.located(word, value.as_ref(), wrong);
        }
        self.environment(common.environment.as_ref(), wrong);
        for (word, value) in [
            ("become", &common.r#become.on),
            ("ignore_errors", &common.ignore_errors),
            ("no_log", &common.no_log),
            ("check_mode", &common.check_mode),
            ("run_once", &common.run_once),
        ] {
            self.boolean(word, value.as_ref(), wrong);
        }
    }

    /// A keyword that says yes or no.
    fn boolean(&self, word: &str, said: Option<&Located<Value>>, wrong: &mut Vec<Failure>) {
        self.located(word, said, wrong);
        if let Some(Located { value, at }) = said
            && !written_with_templates(value)
            && !value.is_null()
            && boolean(value).is_none()
        {
            wrong.push(no_boolean(value, at));
        }
    }

    /// An `environment`, which is a mapping or several.
    fn environment(&self, said: Option<&Located<Value>>, wrong: &mut Vec<Failure>) {
        let Some(Located { value, at }) = said else {
            return;
        };
        let parts = match value {
            Value::Array(parts) => parts.as_slice(),
            one => std::slice::from_ref(one),
        };
        let fits = |part: &&Value| match part {
            Value::Object(_) | Value::Null => true,
            Value::String(text) => text.is_empty() || is_template(text),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => false,
        };
        if let Some(other) = parts.iter().find(|part| !fits(part)) {
            wrong.push(no_environment(other, at));
        }
    }

    /// A task that stands in a file of this folder. What a module says to its arguments is of interest where it knows
    /// them all.
    pub fn task(&self, task: &Task, folder: &str, known: bool, wrong: &mut Vec<Failure>) {
        self.conditions("changed_when", &task.changed_when, wrong);
        self.conditions("failed_when", &task.failed_when, wrong);
        if let Some(until) = &task.until {
            self.conditions("until", &until.conditions, wrong);
            self.located("retries", until.retries.as_ref(), wrong);
            self.located("delay", until.delay.as_ref(), wrong);
        }
        if let Some(repeat) = &task.r#loop {
            self.located("loop", Some(&repeat.items), wrong);
            self.located("label", repeat.label.as_ref(), wrong);
            self.located("pause", repeat.pause.as_ref(), wrong);
        }
        for notified in &task.notify {
            self.located("notify", Some(notified), wrong);
        }
        let before = wrong.len();
        self.arguments(task, wrong);
        self.files(task, folder, wrong);
        self.looked_up(task, folder, wrong);
        self.first_found(task, folder, wrong);
        if known && wrong.len() == before {
            self.values(task, wrong);
        }
    }

    fn arguments(&self, task: &Task, wrong: &mut Vec<Failure>) {
        for (name, value) in &task.args {
            let what = format!("`{name}` of `{}`", task.module);
            if task.module == "assert" && name == "that" {
                let conditions = match value {
                    Value::Array(conditions) => conditions.as_slice(),
                    one => std::slice::from_ref(one),
                };
                for condition in conditions {
                    self.condition(condition, &what, &task.args_at, wrong);
                }
            } else {
                self.value(value, &what, &task.args_at, wrong);
            }
        }
    }

    /// The files on this side that a task names.
    fn files(&self, task: &Task, folder: &str, wrong: &mut Vec<Failure>) {
        let args = &task.args;
        let included = || match task.module.as_str() {
            "include_vars" => {
                let name = args.get("file").or_else(|| args.get("_raw_params"))?;
                Some(("vars", name.as_str()?))
            }
            _ => None,
        };
        // Whether it is this side's is known later.
        if args.get("remote_src").is_some_and(written_with_templates) {
            return;
        }
        let named = controller_file(&task.module, args).or_else(included);
        let Some((kind, name)) = named.filter(|(_, name)| !is_template(name)) else {
            return;
        };
        // `copy` takes a folder with all that is in it.
        let search_path = SearchPath::new(&self.base, folder);
        if task.module == "copy" && search_path.folder(kind, name).is_some() {
            return;
        }
        let why = format!("`{}` brings `{name}`.", task.module);
        let bytes = self.bytes(kind, name, folder, &why, &task.args_at, wrong);
        if let Some(bytes) = bytes.filter(|_| task.module == "template") {
            match Style::of(args) {
                Ok(style) => {
                    for fault in self.renderer.file_faults(&bytes, &style) {
                        wrong.push(unreadable(
                            &format!("the template `{name}`"),
                            fault,
                            &task.args_at,
                        ));
                    }
                }
                // A style that a template gives is known when it is rendered.
                Err(_) if args.values().any(written_with_templates) => {}
                Err(why) => wrong.push(
                    Failure::new("a module's argument is wrong", format!("`template`: {why}"))
                        .at(&task.args_at),
                ),
            }
        }
    }

    /// The files that look-ups in its arguments and its loop name.
    fn looked_up(&self, task: &Task, folder: &str, wrong: &mut Vec<Failure>) {
        let args = task.args.values().map(|value| (value, &task.args_at));
        let repeat = task.r#loop.as_ref().map(|repeat| &repeat.items);
        for (value, at) in args.chain(repeat.map(|items| (&items.value, &items.at))) {
            each_text(value, &mut |text| {
                for (kind, name) in self.renderer.files_read(text) {
                    let why = format!("A look-up reads `{name}`.");
                    self.bytes(kind, &name, folder, &why, at, wrong);
                }
            });
        }
    }

    /// The files of which its loop takes the first, where all their names are written out.
    fn first_found(&self, task: &Task, folder: &str, wrong: &mut Vec<Failure>) {
        let Some(repeat) = task.r#loop.as_ref() else {
            return;
        };
        let Value::Array(names) = &repeat.items.value else {
            return;
        };
        if LoopLookup::named(&repeat.lookup) != Some(LoopLookup::FirstFound) {
            return;
        }
        let names: Option<Vec<&str>> = names.iter().map(|name| constant(Some(name))).collect();
        let search_path = SearchPath::new(&self.base, folder);
        let is_there = |name: &&str| {
            let mut kinds = SearchPath::KINDS.iter();
            kinds.any(|kind| !matches!(search_path.find(kind, name), Ok(None)))
        };
        if let Some(names) = names.filter(|names| !names.iter().any(is_there)) {
            let what = format!("`with_first_found` names {}.", names.join(", "));
            wrong.push(
                Failure::new("none of some files is there", what)
                    .help("Put one of them there, or end the list with one that always is.")
                    .at(&repeat.items.at),
            );
        }
    }

    /// The bytes of a file beside the playbook; a file that is not there is wrong.
    fn bytes(
        &self,
        kind: &str,
        name: &str,
        folder: &str,
        why: &str,
        at: &Origin,
        wrong: &mut Vec<Failure>,
    ) -> Option<Vec<u8>> {
        match SearchPath::new(&self.base, folder).find(kind, name) {
            Ok(Some(found)) => return Some(found.bytes),
            Ok(None) => wrong.push(missing_controller_file(why, name, kind).at(at)),
            Err(failure) => wrong.push(failure.at(at)),
        }
        None
    }

    /// What a module says to arguments that are known as they stand.
    fn values(&self, task: &Task, wrong: &mut Vec<Failure>) {
        wrong.extend(argument_rules::refused_arguments(task));
        if !task.args.values().any(written_with_templates)
            && let Some(failure) = refused_arguments(&task.module, &task.args)
        {
            wrong.push(failure.at(&task.args_at));
        }
    }

    /// Each of some conditions.
    pub fn conditions(&self, word: &str, all: &[Located<Value>], wrong: &mut Vec<Failure>) {
        for one in all {
            self.condition(&one.value, &format!("`{word}`"), &one.at, wrong);
        }
    }

    fn condition(&self, condition: &Value, what: &str, at: &Origin, wrong: &mut Vec<Failure>) {
        match condition {
            Value::String(text) => {
                for fault in self.renderer.condition_faults(text) {
                    let failure = unreadable(what, fault, at);
                    wrong.push(if is_template(text) {
                        failure.help(WITHOUT_DELIMITERS)
                    } else {
                        failure
                    });
                }
            }
            other => self.value(other, what, at, wrong),
        }
    }

    fn located(&self, word: &str, value: Option<&Located<Value>>, wrong: &mut Vec<Failure>) {
        if let Some(value) = value {
            self.value(&value.value, &format!("`{word}`"), &value.at, wrong);
        }
    }

    fn map(&self, map: &Map, what: &str, at: &Origin, wrong: &mut Vec<Failure>) {
        for (name, value) in map {
            self.value(value, &format!("`{name}` of {what}"), at, wrong);
        }
    }

    /// Every text of a value.
    fn value(&self, value: &Value, what: &str, at: &Origin, wrong: &mut Vec<Failure>) {
        match value {
            Value::String(text) => {
                for fault in self.renderer.faults(text) {
                    wrong.push(unreadable(what, fault, at));
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.value(item, what, at, wrong);
                }
            }
            Value::Object(map) => {
                for value in map.values() {
                    self.value(value, what, at, wrong);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// What a module says to arguments without templates; nothing where it must look at the host, or at a file.
pub(super) fn refused_arguments(module: &str, args: &Map) -> Option<Failure> {
    let on_host = |value: &Value| any_text(value, &|text| text.contains(['~', '$']));
    // What these take depends on a file, or on the host's facts.
    if args.values().any(on_host) || ["copy", "template", "package"].contains(&module) {
        return None;
    }
    host::realize(module, args, &Context::default()).err()
}

fn unreadable(what: &str, fault: String, at: &Origin) -> Failure {
    Failure::new("a template cannot be rendered", format!("reading {what}"))
        .why(fault)
        .at(at)
}

/// A text that is what it will be.
fn constant(value: Option<&Value>) -> Option<&str> {
    let value = value?;
    value.as_str().filter(|_| !written_with_templates(value))
}

/// Whether a text in it has templates.
pub(super) fn written_with_templates(value: &Value) -> bool {
    any_text(value, &is_template)
}

fn each_text<'a>(value: &'a Value, told: &mut dyn FnMut(&'a str)) {
    match value {
        Value::String(text) => told(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, told)),
        Value::Object(map) => map.values().for_each(|item| each_text(item, told)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn any_text(value: &Value, pleases: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => pleases(text),
        Value::Array(items) => items.iter().any(|item| any_text(item, pleases)),
        Value::Object(map) => map.values().any(|item| any_text(item, pleases)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
