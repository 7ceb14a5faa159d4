//! A play.

use super::{
    block,
    common::{read_become, tags},
    fields::{Fields, Reader, first_key, origin},
    keywords,
};
use crate::{
    model::{Diagnostic, playbook::Play},
    vars::yaml::Node,
};

/// Reads one play; none when it is no play at all.
pub(super) fn read(node: &Node, reader: &mut Reader) -> Option<Play> {
    let Some(mut fields) = Fields::of(node) else {
        reader.wrong(node, "a play is a mapping");
        return None;
    };
    if let Some((key, _)) = fields.take_pair(|key| key.ends_with("import_playbook")) {
        let why = keywords::unsupported("import_playbook").unwrap_or_default();
        reader.diagnostics.push(Diagnostic::error(
            "not supported here",
            why,
            key.span.clone(),
        ));
        return None;
    }
    let hosts = match fields.take("hosts") {
        Some(node) => reader
            .texts(node, "`hosts`", false)
            .into_iter()
            .map(|host| host.value)
            .collect::<Vec<_>>()
            .join(","),
        None => {
            reader.diagnostics.push(
                Diagnostic::error(
                    "a play without hosts",
                    "this play does not say which hosts it is for",
                    first_key(node),
                )
                .help("add `hosts: all`; a file of tasks alone is used by `include_tasks`"),
            );
            String::new()
        }
    };
    let name = fields
        .take("name")
        .map(|node| reader.text(node, "`name`"))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| hosts.clone());
    let gather_facts = fields
        .take("gather_facts")
        .and_then(|node| reader.boolean(node, "gather_facts"))
        .unwrap_or(true);
    let vars = reader.variables(fields.take("vars"));
    let vars_files = match fields.take("vars_files") {
        Some(node) => match node.items() {
            Some(items) => items.iter().map(|item| reader.located(item)).collect(),
            None if node.is_null() => Vec::new(),
            None => vec![reader.located(node)],
        },
        None => Vec::new(),
    };
    let r#become = read_become(&mut fields, reader);
    let environment = fields.take("environment").map(|node| reader.located(node));
    let tags = tags(&mut fields, reader);
    let mut sections = Vec::new();
    for section in ["pre_tasks", "tasks", "post_tasks"] {
        sections.push(match fields.take(section) {
            Some(node) => block::steps(node, reader),
            None => Vec::new(),
        });
    }
    let before = reader.errors();
    let handlers = match fields.take("handlers") {
        Some(node) => block::steps(node, reader),
        None => Vec::new(),
    };
    reader.leftover(fields, "a play", &keywords::of_plays());
    let handlers_read = reader.errors() == before;
    Some(Play {
        name,
        hosts,
        gather_facts,
        vars,
        vars_files,
        r#become,
        environment,
        sections,
        handlers,
        handlers_read,
        tags,
        at: origin(node),
    })
}
