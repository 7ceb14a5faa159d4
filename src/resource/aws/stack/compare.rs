//! A stack as declared beside the stack as it stands, field by field.

use std::collections::{BTreeMap, BTreeSet};

use super::{Stack, fingerprint, template};
use crate::model::stack::StackSeen;
use crate::model::{Change, Shown, Value};

/// How CloudFormation writes the value of a parameter that is `NoEcho`.
const HIDDEN: &str = "****";

/// What is shown of a secret parameter that is declared.
const SENT: &str = "**** (sent)";

/// What is shown of a secret parameter that is neither declared nor known to the stack.
const DEFAULT: &str = "**** (the template's default)";

impl Stack {
    /// The change with every field that differs from the stack that is there; all fields when there is none.
    pub(super) fn fields(&self, change: Change, seen: Option<(&StackSeen, bool)>) -> Change {
        let change = self.template(change, seen.map(|(seen, _)| seen));
        let mut change = self.values(change, seen.map(|(seen, _)| seen));
        if let Some(note) = self.unnoticeable() {
            change = change.note(note);
        }
        if let Some(note) = seen.and_then(|(seen, _)| self.keeping(seen)) {
            change = change.note(note);
        }
        let before = seen.map(|(seen, _)| seen.tags.clone()).unwrap_or_default();
        let after = self.all_tags(seen.is_some_and(|(_, adopted)| adopted));
        tags(change, &before, &after)
    }

    fn template(&self, change: Change, seen: Option<&StackSeen>) -> Change {
        let Some(seen) = seen else {
            return change.field("template", Shown::Absent, text(&self.template));
        };
        match template::difference(&seen.template, &self.body, self.reader) {
            None => change,
            Some((before, after)) => {
                change.field("template", Shown::Text(before), Shown::Text(after))
            }
        }
    }

    fn values(&self, mut change: Change, seen: Option<&StackSeen>) -> Change {
        let none = BTreeMap::new();
        let before = seen.map_or(&none, |seen| &seen.parameters);
        // What is not declared goes back to what the template says, and is shown; of a new stack that is no news.
        let defaults = self.defaults.keys().filter(|_| seen.is_some());
        let names = self.parameters.keys().chain(&self.secret_parameters);
        for name in names.chain(defaults).collect::<BTreeSet<_>>() {
            let path = format!("parameters.{name}");
            if self.is_secret(name) {
                let declared = self.parameters.contains_key(name);
                let after = if declared && seen.is_none_or(|seen| self.secrets_differ(seen)) {
                    SENT
                } else if !declared && !before.contains_key(name) {
                    DEFAULT
                } else {
                    continue;
                };
                let before = before.get(name).map_or(Shown::Absent, |_| text(HIDDEN));
                change = change.field(path, before, text(after));
                continue;
            }
            let after = self.parameters.get(name).or(self.defaults.get(name));
            if before.get(name) != after {
                change = change.field(path, shown(before.get(name)), shown(after));
            }
        }
        change
    }

    /// The secret parameters that are not declared and that the stack has: nobody can tell their values, so that no
    /// plan could show what would be lost if they went back to the template's default.
    pub(super) fn undeclared_secrets(&self, seen: &StackSeen) -> Vec<String> {
        let secrets = self.secret_parameters.iter();
        secrets
            .filter(|name| !self.parameters.contains_key(*name))
            .filter(|name| seen.parameters.contains_key(*name))
            .cloned()
            .collect()
    }

    fn keeping(&self, seen: &StackSeen) -> Option<String> {
        let kept = self.undeclared_secrets(seen);
        let names = kept.iter().map(|name| format!("`{name}`"));
        let names = names.collect::<Vec<_>>().join(", ");
        match kept.len() {
            0 => None,
            1 => Some(format!(
                "The secret parameter {names} is not declared: it keeps its value."
            )),
            _ => Some(format!(
                "The secret parameters {names} are not declared: they keep their values."
            )),
        }
    }

    /// AWS never tells a secret parameter's value: the fingerprint beside it says whether ours is another.
    fn secrets_differ(&self, seen: &StackSeen) -> bool {
        let ours = self.fingerprint();
        ours.is_none() || seen.tags.get(fingerprint::TAG) != ours.as_ref()
    }
}

/// The change with what will be gone.
pub fn gone(change: Change, seen: &StackSeen) -> Change {
    let change = change.field("status", text(&seen.status), Shown::Absent);
    let outputs = seen.outputs.iter();
    outputs.fold(change, |change, (name, value)| {
        change.field(format!("outputs.{name}"), text(value), Shown::Absent)
    })
}

fn tags(
    change: Change,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Change {
    // AWS's own tags can be neither set nor removed; the fingerprint shows as the parameters that it stands for.
    let names = before.keys().chain(after.keys()).collect::<BTreeSet<_>>();
    names
        .into_iter()
        .filter(|name| !name.starts_with("aws:") && *name != fingerprint::TAG)
        .filter(|name| before.get(*name) != after.get(*name))
        .fold(change, |change, name| {
            change.field(
                format!("tags.{name}"),
                shown(before.get(name)),
                shown(after.get(name)),
            )
        })
}

fn text(text: &str) -> Shown {
    Shown::Value(Value::from(text))
}

fn shown(value: Option<&String>) -> Shown {
    value.map_or(Shown::Absent, |value| text(value))
}
