//! One play.

use super::fields::{Notes, origin};
use super::steps;
use crate::model::playbook::{Become, Play};
use crate::vars::yaml::Node;

/// What a play may say.
const KNOWN: &[&str] = &[
    "name",
    "hosts",
    "gather_facts",
    "vars",
    "vars_files",
    "become",
    "become_user",
    "become_method",
    "environment",
    "pre_tasks",
    "tasks",
    "post_tasks",
    "handlers",
    "tags",
];

/// What a play may say that makes no difference where one host is prepared at a time and handlers always run.
const IDLE: &[&str] = &[
    "any_errors_fatal",
    "collections",
    "connection",
    "force_handlers",
    "gather_subset",
    "gather_timeout",
    "max_fail_percentage",
    "order",
    "port",
    "remote_user",
    "serial",
    "strategy",
];

/// What would change what the tasks do and cannot be honoured.
const REFUSED: &[&str] = &[
    "roles",
    "vars_prompt",
    "module_defaults",
    "import_playbook",
    "ignore_errors",
    "no_log",
    "check_mode",
    "run_once",
    "throttle",
];

/// Reads a play; none when it is no mapping.
pub fn read(node: &Node, notes: &mut Notes) -> Option<Play> {
    let pairs = notes.pairs(node, "a play")?;
    let mut play = Play {
        name: String::new(),
        hosts: String::new(),
        gather_facts: true,
        vars: crate::model::Map::new(),
        vars_files: Vec::new(),
        r#become: Become::default(),
        environment: None,
        sections: Vec::new(),
        handlers: Vec::new(),
        tags: Vec::new(),
        at: origin(node),
    };
    let mut sections = [Vec::new(), Vec::new(), Vec::new()];
    for (word, key, value) in pairs {
        match word {
            "name" => play.name = notes.text(value, "`name`"),
            "hosts" => play.hosts = notes.words(value, "`hosts`").join(","),
            "gather_facts" => play.gather_facts = notes.flag(value, "`gather_facts`"),
            "vars" => play.vars = notes.vars(value),
            "vars_files" => play.vars_files = notes.list(value),
            "become" => play.r#become.on = Some(notes.located(value)),
            "become_user" => play.r#become.user = Some(notes.located(value)),
            "become_method" => become_method(value, notes),
            "environment" => play.environment = Some(notes.located(value)),
            "pre_tasks" => sections[0] = steps::list(value, notes),
            "tasks" => sections[1] = steps::list(value, notes),
            "post_tasks" => sections[2] = steps::list(value, notes),
            "handlers" => play.handlers = steps::list(value, notes),
            "tags" => play.tags = notes.words(value, "`tags`"),
            idle if IDLE.contains(&idle) => notes.warning(
                "this keyword has no effect here",
                format!("`{idle}`"),
                &key.span,
                "each host is prepared by itself, entered as the environment says, and its handlers always run",
            ),
            refused if REFUSED.contains(&refused) => notes.error(
                "this keyword is not supported",
                format!("`{refused}` on a play would change what is done, and is not known here"),
                &key.span,
                "write its tasks into the play, or settings onto the tasks",
            ),
            other => notes.unknown("a play", other, key, KNOWN),
        }
    }
    if play.hosts.is_empty() {
        notes.error(
            "a play without hosts",
            "this play has no `hosts`",
            &node.span,
            "write `hosts: all`",
        );
    }
    if play.name.is_empty() {
        play.name.clone_from(&play.hosts);
    }
    play.sections = sections.into_iter().collect();
    Some(play)
}

/// Only sudo is known.
pub fn become_method(node: &Node, notes: &mut Notes) {
    if node.text() != Some("sudo") {
        notes.error(
            "this way of becoming another user is not supported",
            "only `sudo` is known",
            &node.span,
            "leave `become_method` out",
        );
    }
}
