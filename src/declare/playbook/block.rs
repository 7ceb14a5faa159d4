//! Lists of steps, blocks, and what blocks share with tasks.

use std::sync::Arc;

use super::{
    fields::{Fields, Reader, origin},
    keywords, task,
};
use crate::{
    model::{
        Diagnostic,
        playbook::{Become, Block, Common, Step},
    },
    vars::yaml::Node,
};

/// A list of tasks and blocks.
pub(super) fn steps(node: &Node, reader: &mut Reader) -> Vec<Step> {
    let mut steps = Vec::new();
    for item in reader.list(node, "this", "tasks") {
        if item.is_null() {
            continue;
        }
        let Some(fields) = Fields::of(item) else {
            reader.wrong(item, "a task is a mapping");
            continue;
        };
        let grouped = keywords::BLOCK.iter().any(|key| fields.has(key));
        if grouped {
            steps.push(Step::Block(Arc::new(block(item, fields, reader))));
        } else if let Some(task) = task::read(item, fields, reader) {
            steps.push(Step::Task(Arc::new(task)));
        }
    }
    steps
}

fn block(node: &Node, mut fields: Fields<'_>, reader: &mut Reader) -> Block {
    if !fields.has("block") {
        reader.said.push(Diagnostic::error(
            "a block without tasks",
            "`rescue` and `always` belong to a `block`",
            super::play::first_key(node),
        ));
    }
    let common = common(node, &mut fields, reader);
    let mut part = |key| match fields.take(key) {
        Some(node) => steps(node, reader),
        None => Vec::new(),
    };
    let (steps, rescue, always) = (part("block"), part("rescue"), part("always"));
    for key in keywords::TASK {
        if let Some((key, _)) = fields.take_pair(|name| name == *key) {
            let name = key.text().unwrap_or_default();
            reader.said.push(
                Diagnostic::error(
                    "a key for tasks on a block",
                    format!("`{name}` cannot stand on a block"),
                    key.span.clone(),
                )
                .help("write it at each task, or put the tasks into a file and `include_tasks` it"),
            );
        }
    }
    reader.leftover(fields, "a block", &keywords::of_blocks());
    Block {
        common,
        steps,
        rescue,
        always,
    }
}

/// What tasks and blocks have in common.
pub(super) fn common(node: &Node, fields: &mut Fields<'_>, reader: &mut Reader) -> Common {
    let name = match fields.take("name") {
        Some(node) if !node.is_null() => reader.text(node, "`name`"),
        _ => String::new(),
    };
    let when = match fields.take("when") {
        Some(node) => reader.conditions(node, "when"),
        None => Vec::new(),
    };
    let vars = reader.variables(fields.take("vars"));
    let tags = tags(fields, reader);
    let r#become = becoming(fields, reader);
    let mut option = |key| fields.take(key).map(|node| reader.located(node));
    Common {
        name,
        when,
        vars,
        tags,
        r#become,
        environment: option("environment"),
        ignore_errors: option("ignore_errors"),
        no_log: option("no_log"),
        check_mode: option("check_mode"),
        delegate_to: option("delegate_to"),
        run_once: option("run_once"),
        at: origin(node),
    }
}

pub(super) fn tags(fields: &mut Fields<'_>, reader: &mut Reader) -> Vec<String> {
    match fields.take("tags") {
        Some(node) => reader
            .texts(node, "a tag", true)
            .into_iter()
            .map(|tag| tag.value)
            .collect(),
        None => Vec::new(),
    }
}

pub(super) fn becoming(fields: &mut Fields<'_>, reader: &mut Reader) -> Become {
    if let Some(node) = fields.take("become_method")
        && node.text() != Some("sudo")
    {
        reader.said.push(Diagnostic::error(
            "not supported here",
            "`sudo` is the only way to become another user",
            node.span.clone(),
        ));
    }
    Become {
        on: fields.take("become").map(|node| reader.located(node)),
        user: fields.take("become_user").map(|node| reader.located(node)),
    }
}
