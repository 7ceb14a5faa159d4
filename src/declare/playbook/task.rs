//! A task: its keywords, and the one key that is its module.

use super::{
    arguments::{self, ModuleCall},
    common::common,
    fields::{Fields, Reader, first_key, origin, unknown_key},
    keywords, looping,
};
use crate::{
    model::{Diagnostic, Located, Map, Value, meant::is_slip, playbook::Task},
    vars::yaml::Node,
};

/// The handlers that a task or a block notifies.
pub(super) fn notified(fields: &mut Fields<'_>, reader: &mut Reader) -> Vec<Located<Value>> {
    let names = fields.take("notify");
    let names = names.map(|node| reader.texts(node, "a handler's name", false));
    names
        .unwrap_or_default()
        .into_iter()
        .map(|name| Located::new(Value::String(name.value), name.at))
        .collect()
}

/// Reads one task; none when it has no module.
pub(super) fn read(node: &Node, mut fields: Fields<'_>, reader: &mut Reader) -> Option<Task> {
    let mut common = common(node, &mut fields, reader);
    let r#loop = looping::looping(&mut fields, reader);
    let until = looping::until(&mut fields, reader);
    let register = fields
        .take("register")
        .and_then(|node| reader.variable(node, "`register`"));
    let notify = notified(&mut fields, reader);
    let listen = match fields.take("listen") {
        Some(node) => reader
            .texts(node, "a topic", false)
            .into_iter()
            .map(|topic| topic.value)
            .collect(),
        None => Vec::new(),
    };
    let mut conditions = |key| match fields.take(key) {
        Some(node) => reader.conditions(node, key),
        None => Vec::new(),
    };
    let changed_when = conditions("changed_when");
    let failed_when = conditions("failed_when");
    let extra = fields.take("args");
    let action = fields.take("action");
    let local = fields.take("local_action");
    if let Some(node) = local {
        common.delegate_to.get_or_insert_with(|| {
            Located::new(Value::String("localhost".to_owned()), origin(node))
        });
    }
    let mut called: Vec<ModuleCall<'_>> = Vec::new();
    for node in [action, local].into_iter().flatten() {
        called.extend(arguments::action(node, reader));
    }
    let known = keywords::of_tasks();
    // Something was said about the module already.
    let mut said = called.is_empty() && (action.is_some() || local.is_some());
    for (key, value) in fields.rest() {
        let name = key.text().unwrap_or_default();
        if let Some(why) = keywords::without_effect(name) {
            reader
                .diagnostics
                .push(Diagnostic::warning("no effect", why, key.span.clone()));
        } else if let Some(why) = keywords::unsupported(name) {
            reader.diagnostics.push(Diagnostic::error(
                "not supported here",
                why,
                key.span.clone(),
            ));
        } else if !name.contains('.') && is_slip(name, known.iter().copied()) {
            said = true;
            let told = reader.diagnostics.len();
            reader
                .diagnostics
                .push(unknown_key(key, "a task", &known, told));
        } else if let Some(first) = called.first() {
            let label = format!("the task has a module already, `{}`", first.name);
            reader.diagnostics.push(
                Diagnostic::error("two modules in one task", label, key.span.clone())
                    .help("a task calls one module; start a new task with `- name:`"),
            );
        } else {
            let args = arguments::of(name, value, reader);
            called.push(ModuleCall {
                name: name.to_owned(),
                node: value,
                args,
            });
        }
    }
    let Some(mut called) = called.into_iter().next() else {
        if !said {
            reader.diagnostics.push(Diagnostic::error(
                "a task without a module",
                "no key of this task names a module",
                first_key(node),
            ));
        }
        return None;
    };
    if let Some(extra) = extra {
        add_extra_arguments(extra, &mut called.args, reader);
    }
    let (collection, module) = match called.name.rsplit_once('.') {
        Some((collection, module)) => (Some(collection.to_owned()), module.to_owned()),
        None => (None, called.name),
    };
    Some(Task {
        common,
        module,
        collection,
        args: called.args,
        args_at: origin(called.node),
        r#loop,
        register,
        notify,
        listen,
        changed_when,
        failed_when,
        until,
    })
}

/// `args:` fills what the module's own arguments do not say.
fn add_extra_arguments(node: &Node, args: &mut Map, reader: &mut Reader) {
    match reader.value(node) {
        Value::Object(map) => {
            for (key, value) in map {
                args.entry(key).or_insert(value);
            }
        }
        Value::Null => {}
        _ => reader.wrong(node, "`args` is a mapping"),
    }
}
