//! What tasks and blocks have in common, and plays a part of it.

use super::fields::{Fields, Reader, origin};
use crate::{
    model::{
        Diagnostic,
        playbook::{Become, Common},
    },
    vars::yaml::Node,
};

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
    let r#become = read_become(fields, reader);
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

/// The tags that a play, a block or a task gives.
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

/// As whom a play, a block or a task is run.
pub(super) fn read_become(fields: &mut Fields<'_>, reader: &mut Reader) -> Become {
    if let Some(node) = fields.take("become_method")
        && node.text() != Some("sudo")
    {
        reader.diagnostics.push(Diagnostic::error(
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
