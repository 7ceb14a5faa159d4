//! Lists of steps, and blocks.

use std::sync::Arc;

use super::{
    common::common,
    fields::{Fields, Reader, first_key},
    keywords, task,
};
use crate::{
    model::{
        Diagnostic,
        playbook::{Block, Step},
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
        reader.diagnostics.push(Diagnostic::error(
            "a block without tasks",
            "`rescue` and `always` belong to a `block`",
            first_key(node),
        ));
    }
    let common = common(node, &mut fields, reader);
    let notify = task::notified(&mut fields, reader);
    let mut part = |key| match fields.take(key) {
        Some(node) => steps(node, reader),
        None => Vec::new(),
    };
    let (steps, rescue, always) = (part("block"), part("rescue"), part("always"));
    for key in keywords::TASK {
        if let Some((key, _)) = fields.take_pair(|name| name == *key) {
            let name = key.text().unwrap_or_default();
            reader.diagnostics.push(
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
        notify,
        steps,
        rescue,
        always,
    }
}
