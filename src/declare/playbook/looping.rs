//! `loop`, `with_…`, `loop_control`, and `until`.

use super::fields::{Fields, Reader, unknown_key};
use crate::{
    model::{
        Diagnostic,
        playbook::{Loop, Until},
    },
    vars::yaml::Node,
};

const CONTROL: &[&str] = &["loop_var", "index_var", "label", "pause"];

/// The loop of a task.
pub(super) fn looping(fields: &mut Fields<'_>, reader: &mut Reader) -> Option<Loop> {
    let plain = fields.take_pair(|key| key == "loop");
    let mut found = plain.map(|(key, items)| (key, items, "loop".to_owned()));
    while let Some((key, items)) = fields.take_pair(|key| key.starts_with("with_")) {
        let lookup = key.text().unwrap_or_default()["with_".len()..].to_owned();
        match &found {
            Some((first, ..)) => reader.diagnostics.push(Diagnostic::error(
                "two loops in one task",
                format!(
                    "the task loops already, by `{}`",
                    first.text().unwrap_or_default()
                ),
                key.span.clone(),
            )),
            None => found = Some((key, items, lookup)),
        }
    }
    let control = fields.take("loop_control");
    let Some((_, items, lookup)) = found else {
        if let Some(control) = control {
            reader.diagnostics.push(Diagnostic::error(
                "nothing to loop over",
                "`loop_control` belongs to a `loop`",
                control.span.clone(),
            ));
        }
        return None;
    };
    if lookup == "loop" && items.pairs().is_some() {
        reader.diagnostics.push(
            Diagnostic::error(
                "wrong type",
                "`loop` goes over a list; this is a mapping",
                items.span.clone(),
            )
            .help("use `loop: \"{{ … | dict2items }}\"` or `with_dict`"),
        );
    }
    let mut result = Loop {
        lookup,
        items: reader.located(items),
        variable: "item".to_owned(),
        index: None,
        label: None,
        pause: None,
    };
    if let Some(control) = control {
        read_loop_control(control, &mut result, reader);
    }
    Some(result)
}

fn read_loop_control(node: &Node, result: &mut Loop, reader: &mut Reader) {
    let Some(mut fields) = Fields::of(node) else {
        reader.wrong(node, "`loop_control` is a mapping");
        return;
    };
    if let Some(node) = fields.take("loop_var") {
        result.variable = reader.text(node, "`loop_var`");
    }
    result.index = fields
        .take("index_var")
        .map(|node| reader.text(node, "`index_var`"));
    result.label = fields.take("label").map(|node| reader.located(node));
    result.pause = fields.take("pause").map(|node| reader.located(node));
    for (key, _) in fields.rest() {
        let diagnostic = match key.text() {
            Some(name @ ("extended" | "extended_allitems" | "break_when")) => Diagnostic::error(
                "not supported here",
                format!("`{name}` of a loop is not read here yet"),
                key.span.clone(),
            ),
            _ => unknown_key(key, "`loop_control`", CONTROL, reader.diagnostics.len()),
        };
        reader.diagnostics.push(diagnostic);
    }
}

/// The conditions a task is tried again for.
pub(super) fn until(fields: &mut Fields<'_>, reader: &mut Reader) -> Option<Until> {
    let conditions = fields.take("until");
    let retries = fields.take("retries");
    let delay = fields.take("delay");
    // Without a condition a task is tried until it does not fail.
    if conditions.is_none() && retries.is_none() {
        return None;
    }
    Some(Until {
        conditions: conditions
            .map(|node| reader.conditions(node, "until"))
            .unwrap_or_default(),
        retries: retries.map(|node| reader.located(node)),
        delay: delay.map(|node| reader.located(node)),
    })
}
