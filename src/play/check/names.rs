//! Names in a playbook that nothing has: arguments, look-ups, handlers.

use std::collections::BTreeSet;

use crate::{
    model::{
        Failure, Located, Value,
        meant::nearest,
        playbook::{LoopLookup, Play, Step, Task},
    },
    play::{
        control::module_names::arguments,
        files::{
            glob::fits,
            task_files::{TaskFiles, expanded},
        },
        scope::{inherited::Inherited, play_scope},
    },
    vars::is_template,
};

/// Everything that handlers of the play answer to; none when there is an include or a template among them, and where a role
/// or what could not be read may have others.
pub fn handler_names(files: &TaskFiles, play: &Play) -> Option<BTreeSet<String>> {
    if !play.handlers_read || play.sections.iter().any(|steps| brings_role(steps)) {
        return None;
    }
    let steps = expanded(files, &play.handlers, "", &[]).ok()?;
    let mut names = BTreeSet::new();
    for handler in play_scope::handlers(&steps, &Inherited::default()) {
        let task = &handler.task;
        if task.common.name.contains("{{") || task.module.starts_with("include") {
            return None;
        }
        names.insert(task.common.name.clone());
        names.extend(task.listen.iter().cloned());
    }
    Some(names)
}

/// Whether a task among them brings a role, whose handlers are the play's.
fn brings_role(steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::Task(task) => ["import_role", "include_role"].contains(&task.module.as_str()),
        Step::Block(block) => [&block.steps, &block.rescue, &block.always]
            .iter()
            .any(|steps| brings_role(steps)),
    })
}

/// The arguments of a task that its module does not have. `told` is how many mistakes were found before, of which only
/// the first are worth a guess at what was meant.
pub fn unknown_arguments(task: &Task, told: usize) -> Vec<Failure> {
    let Some(known) = arguments(&task.module) else {
        return Vec::new();
    };
    let unknown = |name: &&String| !known.contains(&name.as_str()) && !name.contains("{{");
    let failure = |name: &String| {
        let failure = Failure::new(
            "an unknown argument",
            format!("`{}` has no argument `{name}`.", task.module),
        )
        .at(&task.args_at);
        match nearest(name, known.iter().copied(), told) {
            Some(near) => failure.help(format!("Did you mean `{near}`?")),
            None => failure.help(format!("It takes {}.", known.join(", "))),
        }
    };
    task.args.keys().filter(unknown).map(failure).collect()
}

/// The loop of a task, where there is no such `with_…`; `told` as for [`unknown_arguments`].
pub fn unknown_lookup(task: &Task, told: usize) -> Option<Failure> {
    let repeat = task.r#loop.as_ref()?;
    if LoopLookup::named(&repeat.lookup).is_some() {
        return None;
    }
    let failure = Failure::new(
        "an unknown loop",
        format!("There is no `with_{}`.", repeat.lookup),
    )
    .at(&repeat.items.at);
    Some(
        match nearest(
            &repeat.lookup,
            LoopLookup::NAMED.iter().map(|(name, _)| *name),
            told,
        ) {
            Some(near) => failure.help(format!("Did you mean `with_{near}`?")),
            None => failure.help("Use `loop` with a list."),
        },
    )
}

/// The handlers that `notify` names and that are not among the `known` ones; `told` as for [`unknown_arguments`].
pub fn missing_handlers(
    written: &Located<Value>,
    known: &BTreeSet<String>,
    told: usize,
) -> Vec<Failure> {
    let names: Vec<&str> = match &written.value {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let missing = |name: &&str| match pattern(name) {
        _ if !is_template(name) => !known.contains(*name),
        Some(pattern) => !known.iter().any(|known| fits(&pattern, known)),
        None => false,
    };
    let failure = |name: &str| {
        let failure = Failure::new(
            "a handler that is not there",
            format!("`notify` names `{name}`, but no handler of the play has that name or listens to it."),
        )
        .at(&written.at);
        if is_template(name) {
            return failure
                .help("Whatever the template comes to, the text around it fits none of them.");
        }
        match nearest(name, known.iter().map(String::as_str), told) {
            Some(near) => failure.help(format!("Did you mean `{near}`?")),
            None => failure,
        }
    };
    names.into_iter().filter(missing).map(failure).collect()
}

/// What a text with templates may come to, with `*` for each of them; none where nothing is known of it.
fn pattern(text: &str) -> Option<String> {
    if text.contains(['*', '?']) || text.contains("{%") || text.contains("{#") {
        return None;
    }
    let mut pattern = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (_, behind) = behind.split_once("}}")?;
        pattern.push_str(before);
        if !pattern.ends_with('*') {
            pattern.push('*');
        }
        rest = behind;
    }
    pattern.push_str(rest);
    Some(pattern)
}
