//! A host's variables beside those that its playbooks have: names that none of them knows, values of another type.
//!
//! Looked at only where every playbook of the host comes with Landfall: these have each of their variables under `vars`, so
//! that a name which is not there is nobody's. What somebody's own playbook uses, and which types it takes, is its own.

use std::collections::BTreeMap;

use super::draft::Draft;
use crate::declare::environment::Host;
use crate::model::playbook::{Base, Playbook};
use crate::model::{Value, meant};

/// The words that are read as truths (ansible's `bool`).
const TRUTHS: [&str; 12] = [
    "yes", "no", "true", "false", "on", "off", "1", "0", "y", "n", "t", "f",
];

/// Notes what is wrong with them.
pub fn check(draft: &mut Draft<'_>, name: &str, host: &Host, playbooks: &[impl AsRef<Playbook>]) {
    let shipped = |playbook: &Playbook| playbook.base == Base::Shipped;
    if playbooks.is_empty() || !playbooks.iter().all(|one| shipped(one.as_ref())) {
        return;
    }
    let plays = playbooks.iter().flat_map(|one| &one.as_ref().plays);
    let known: BTreeMap<&str, &Value> = plays
        .flat_map(|play| &play.vars)
        .map(|(name, value)| (name.as_str(), value))
        .collect();
    for (variable, given) in &host.vars {
        let path = ["hosts", name, "vars", variable];
        let Some(default) = known.get(variable.as_str()) else {
            let used = |(other, value): (&String, &Value)| {
                other != variable && value.to_string().contains(variable.as_str())
            };
            // What another variable is made of, and what speaks to the program itself.
            if !host.vars.iter().any(used) && !variable.starts_with("ansible_") {
                let names = known.keys().copied();
                draft.warning(
                    "a variable that no playbook of the host has",
                    format!("nothing reads `{variable}`"),
                    &path,
                    meant::advice(variable, names, draft.found.len(), "they have"),
                );
            }
            continue;
        };
        if let Some(wanted) = misfit(given, default) {
            draft.error(
                "a variable of another type",
                format!("`{variable}` is {wanted}"),
                &path,
                "",
            );
        }
    }
}

/// What the value should be and is not; none where it may be, or where only a template will tell.
fn misfit(given: &Value, default: &Value) -> Option<&'static str> {
    let literal = given.as_str();
    if literal.is_some_and(|text| text.contains("{{") || text.contains("{%")) {
        return None;
    }
    let truth = || match given {
        Value::Bool(_) => true,
        Value::Number(number) => matches!(number.as_u64(), Some(0 | 1)),
        Value::String(text) => TRUTHS.contains(&text.trim().to_lowercase().as_str()),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    };
    let number =
        || given.is_number() || literal.is_some_and(|text| text.trim().parse::<f64>().is_ok());
    match default {
        Value::Bool(_) if !truth() => Some("true or false"),
        Value::Number(_) if !number() => Some("a number"),
        Value::Array(_) if !given.is_array() => Some("a list"),
        Value::Object(_) if !given.is_object() => Some("a mapping"),
        _ => None,
    }
}
