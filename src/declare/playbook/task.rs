//! One task: its keywords, and the one key that is its module.

use super::arguments;
use super::fields::{Notes, origin};
use super::steps::{COMMON, common, keyword};
use crate::declare::nearest;
use crate::model::playbook::{Loop, Task, Until};
use crate::model::{Located, Map, Value};
use crate::resource::host;
use crate::vars::yaml::Node;

/// What a task may say beside its module.
const KNOWN: &[&str] = &[
    "action",
    "args",
    "changed_when",
    "delay",
    "failed_when",
    "listen",
    "local_action",
    "loop",
    "loop_control",
    "notify",
    "register",
    "retries",
    "until",
];

/// What would change what the task does and cannot be honoured.
const REFUSED: &[&str] = &[
    "module_defaults",
    "timeout",
    "vars_files",
    "roles",
    "tasks",
    "hosts",
    "become_flags",
    "become_exe",
];

/// Reads a task; none when it has no module.
pub fn read(node: &Node, pairs: &[(&str, &Node, &Node)], notes: &mut Notes) -> Option<Task> {
    let mut task = Task {
        common: common(node),
        module: String::new(),
        collection: None,
        args: Map::new(),
        args_at: origin(node),
        r#loop: None,
        register: None,
        notify: Vec::new(),
        listen: Vec::new(),
        changed_when: Vec::new(),
        failed_when: Vec::new(),
        until: None,
    };
    let mut until = Until {
        conditions: Vec::new(),
        retries: None,
        delay: None,
    };
    let mut control = None;
    let mut more = None;
    let mut modules = Vec::new();
    for (word, key, value) in pairs {
        match *word {
            "register" => task.register = register(value, notes),
            "notify" => task.notify = notes.list(value),
            "listen" => task.listen = notes.words(value, "`listen`"),
            "changed_when" => task.changed_when = notes.list(value),
            "failed_when" => task.failed_when = notes.list(value),
            "until" => until.conditions = notes.list(value),
            "retries" => until.retries = Some(notes.located(value)),
            "delay" => until.delay = Some(notes.located(value)),
            "loop_control" => control = Some(*value),
            "args" => more = Some(*value),
            "loop" => add_loop(&mut task, "loop", key, value, notes),
            "action" | "local_action" => modules.push((*word, *key, *value)),
            word if word.starts_with("with_") => {
                add_loop(&mut task, &word["with_".len()..], key, value, notes)
            }
            word if keyword(word, key, value, &mut task.common, notes) => {}
            word if REFUSED.contains(&word) => notes.error(
                "this keyword is not supported",
                format!("`{word}` on a task would change what is done, and is not known here"),
                &key.span,
                "leave it out, or say it on the module",
            ),
            _ => modules.push((*word, *key, *value)),
        }
    }
    if !until.conditions.is_empty() || until.retries.is_some() {
        task.until = Some(until);
    }
    if let Some(control) = control {
        loop_control(&mut task, control, notes);
    }
    let (word, key, value) = the_module(node, modules, notes)?;
    name_module(&mut task, word, key, value, notes);
    if let Some(more) = more {
        add_args(&mut task, more, notes);
    }
    Some(task)
}

/// The one key that is no keyword. Words that look like a misspelt keyword are told apart from a second module.
fn the_module<'a>(
    node: &Node,
    mut modules: Vec<(&'a str, &'a Node, &'a Node)>,
    notes: &mut Notes,
) -> Option<(&'a str, &'a Node, &'a Node)> {
    if modules.len() > 1 {
        let known: Vec<&str> = COMMON.iter().chain(KNOWN).copied().collect();
        modules.retain(|(word, key, _)| {
            let module = word.contains('.') || host::NAMES.contains(word);
            let typo = !module && nearest(word, known.iter().copied()).is_some();
            if typo {
                notes.unknown("a task", word, key, &known);
            }
            !typo
        });
    }
    match modules.as_slice() {
        [module] => Some(*module),
        [] => {
            let help = "name what is to be done, for example `ansible.builtin.apt:`";
            notes.error(
                "a task without a module",
                "only keywords stand in this task",
                &node.span,
                help,
            );
            None
        }
        [(first, ..), (second, key, _), ..] => {
            let label =
                format!("`{first}` stands in this task already, and `{second}` is no keyword");
            notes.error(
                "a task with two modules",
                label,
                &key.span,
                "make two tasks of it",
            );
            None
        }
    }
}

/// Splits the collection off, and reads the arguments; `action` names the module within.
fn name_module(task: &mut Task, word: &str, key: &Node, value: &Node, notes: &mut Notes) {
    task.args_at = origin(if value.is_null() { key } else { value });
    let (name, args) = match word {
        "action" | "local_action" => arguments::action(value, notes),
        _ => (word.to_owned(), None),
    };
    let short = name.rsplit('.').next().unwrap_or(&name).to_owned();
    task.collection = name.strip_suffix(&format!(".{short}")).map(str::to_owned);
    task.args = args.unwrap_or_else(|| arguments::read(&short, value, notes));
    if word == "local_action" {
        task.common.delegate_to = Some(Located::new(Value::from("localhost"), origin(key)));
    }
    if short == "include" {
        notes.warning(
            "an old name of a module",
            "`include` is read as `include_tasks`",
            &key.span,
            "write `include_tasks`",
        );
        task.module = "include_tasks".to_owned();
    } else {
        task.module = short;
    }
}

/// `args`: what the module's own arguments do not say.
fn add_args(task: &mut Task, node: &Node, notes: &mut Notes) {
    if notes.pairs(node, "`args`").is_none() {
        return;
    }
    if let Value::Object(more) = notes.value(node) {
        for (name, value) in more {
            task.args.entry(name).or_insert(value);
        }
    }
}

fn register(node: &Node, notes: &mut Notes) -> Option<String> {
    let name = notes.text(node, "`register`");
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Some(name);
    }
    if !name.is_empty() {
        let help = "a name begins with a letter or `_`, and has letters, digits and `_`";
        notes.error(
            "this cannot be a variable's name",
            format!("`{name}`"),
            &node.span,
            help,
        );
    }
    None
}

fn add_loop(task: &mut Task, lookup: &str, key: &Node, value: &Node, notes: &mut Notes) {
    if task.r#loop.is_some() {
        notes.error(
            "a task with two loops",
            "it loops already",
            &key.span,
            "keep one of them",
        );
        return;
    }
    task.r#loop = Some(Loop {
        lookup: lookup.to_owned(),
        items: notes.located(value),
        variable: "item".to_owned(),
        index: None,
        label: None,
        pause: None,
    });
}

fn loop_control(task: &mut Task, node: &Node, notes: &mut Notes) {
    let Some(pairs) = notes.pairs(node, "`loop_control`") else {
        return;
    };
    let Some(r#loop) = &mut task.r#loop else {
        notes.error(
            "a control without a loop",
            "this task has no `loop`",
            &node.span,
            "add `loop:`, or take `loop_control` out",
        );
        return;
    };
    for (word, key, value) in pairs {
        match word {
            "loop_var" => r#loop.variable = notes.text(value, "`loop_var`"),
            "index_var" => r#loop.index = Some(notes.text(value, "`index_var`")),
            "label" => r#loop.label = Some(notes.located(value)),
            "pause" => r#loop.pause = Some(notes.located(value)),
            "extended" | "extended_allitems" | "break_when" => notes.error(
                "this keyword is not supported",
                format!("`{word}` of a loop is not known here"),
                &key.span,
                "use `index_var`",
            ),
            other => notes.unknown(
                "`loop_control`",
                other,
                key,
                &["loop_var", "index_var", "label", "pause"],
            ),
        }
    }
}
