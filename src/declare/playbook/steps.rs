//! Lists of tasks and blocks, and what both have in common.

use std::sync::Arc;

use super::fields::{Notes, origin};
use super::{play, task};
use crate::model::Map;
use crate::model::playbook::{Become, Block, Common, Step};
use crate::vars::yaml::Node;

/// What tasks and blocks have in common.
pub const COMMON: &[&str] = &[
    "name",
    "when",
    "vars",
    "tags",
    "become",
    "become_user",
    "become_method",
    "environment",
    "ignore_errors",
    "no_log",
    "check_mode",
    "delegate_to",
    "run_once",
];

/// What makes no difference here: one host at a time, each step waited for.
const IDLE: &[&str] = &[
    "any_errors_fatal",
    "async",
    "collections",
    "debugger",
    "delegate_facts",
    "diff",
    "ignore_unreachable",
    "poll",
    "throttle",
];

/// What only a block has.
const BLOCK: &[&str] = &["block", "rescue", "always"];

/// Reads a list of steps; nothing at all is an empty list.
pub fn list(node: &Node, notes: &mut Notes) -> Vec<Step> {
    match node.items() {
        Some(items) => items.iter().filter_map(|item| step(item, notes)).collect(),
        None if node.is_null() => Vec::new(),
        None => {
            let label = format!("this is {}", node.noun());
            notes.error(
                "a list of tasks is needed",
                label,
                &node.span,
                "begin each task with `- `",
            );
            Vec::new()
        }
    }
}

fn step(node: &Node, notes: &mut Notes) -> Option<Step> {
    let pairs = notes.pairs(node, "a task")?;
    if pairs.iter().any(|(word, ..)| BLOCK.contains(word)) {
        Some(Step::Block(Arc::new(block(node, &pairs, notes))))
    } else {
        task::read(node, &pairs, notes).map(|task| Step::Task(Arc::new(task)))
    }
}

fn block(node: &Node, pairs: &[(&str, &Node, &Node)], notes: &mut Notes) -> Block {
    let mut block = Block {
        common: common(node),
        steps: Vec::new(),
        rescue: Vec::new(),
        always: Vec::new(),
    };
    let known: Vec<&str> = COMMON.iter().chain(BLOCK).copied().collect();
    for (word, key, value) in pairs {
        match *word {
            "block" => block.steps = list(value, notes),
            "rescue" => block.rescue = list(value, notes),
            "always" => block.always = list(value, notes),
            word if keyword(word, key, value, &mut block.common, notes) => {}
            word => notes.unknown("a block", word, key, &known),
        }
    }
    if !pairs.iter().any(|(word, ..)| *word == "block") {
        notes.error(
            "a block without tasks",
            "`rescue` and `always` belong to a `block`",
            &node.span,
            "add `block:` with its tasks",
        );
    }
    block
}

/// A step of which nothing is known but its place.
pub fn common(node: &Node) -> Common {
    Common {
        name: String::new(),
        when: Vec::new(),
        vars: Map::new(),
        tags: Vec::new(),
        r#become: Become::default(),
        environment: None,
        ignore_errors: None,
        no_log: None,
        check_mode: None,
        delegate_to: None,
        run_once: None,
        at: origin(node),
    }
}

/// Reads a keyword that tasks and blocks have in common; `false` when it is none of them.
pub fn keyword(
    word: &str,
    key: &Node,
    value: &Node,
    common: &mut Common,
    notes: &mut Notes,
) -> bool {
    match word {
        "name" => common.name = notes.text(value, "`name`"),
        "when" => common.when = notes.list(value),
        "vars" => common.vars = notes.vars(value),
        "tags" => common.tags = notes.words(value, "`tags`"),
        "become" => common.r#become.on = Some(notes.located(value)),
        "become_user" => common.r#become.user = Some(notes.located(value)),
        "become_method" => play::become_method(value, notes),
        "environment" => common.environment = Some(notes.located(value)),
        "ignore_errors" => common.ignore_errors = Some(notes.located(value)),
        "no_log" => common.no_log = Some(notes.located(value)),
        "check_mode" => common.check_mode = Some(notes.located(value)),
        "delegate_to" => common.delegate_to = Some(notes.located(value)),
        "run_once" => common.run_once = Some(notes.located(value)),
        idle if IDLE.contains(&idle) => notes.warning(
            "this keyword has no effect here",
            format!("`{idle}`"),
            &key.span,
            "each host is prepared by itself, and every task is waited for",
        ),
        _ => return false,
    }
    true
}
