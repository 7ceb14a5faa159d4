//! Which stacks hold what cannot be made again from a template, and what of it stays when they go.

use super::{Stack, data_kinds::DATA, seen::Seen};
use crate::model::{Change, Class, Failure, Value};

/// The type of a stack inside a stack.
const NESTED: &str = "AWS::CloudFormation::Stack";

/// The type of a set of stacks in other accounts and regions, into which nobody looks from here.
const SET: &str = "AWS::CloudFormation::StackSet";

/// Of resources with their types those that hold data, as `Database (AWS::RDS::DBInstance)`.
pub fn holding<'a>(resources: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    resources
        .into_iter()
        .filter(|(_, kind)| DATA.contains(kind) || matches!(*kind, NESTED | SET))
        .map(|(name, kind)| shown(name, kind))
        .collect()
}

/// Whether resources of this body in a template outlive their stack (user guide, "DeletionPolicy attribute").
///
/// `Snapshot` is none of these policies: what it leaves must be made a database again by hand.
pub fn outlives(policy: &str) -> bool {
    matches!(policy, "Retain" | "RetainExceptOnCreate")
}

/// What becomes of a stack's resources when it is deleted.
#[derive(Default)]
pub(super) struct Fate {
    /// What holds data and goes, or may.
    goes: Vec<String>,
    /// What stays, whether it holds data or not.
    stays: Vec<String>,
}

impl Fate {
    /// The change with a word on what stays.
    pub(super) fn told(&self, change: Change) -> Change {
        match self.stays.as_slice() {
            [] => change,
            [one] => change.note(format!("By its DeletionPolicy this stays: {one}.")),
            all => change.note(format!(
                "By their DeletionPolicy these stay: {}.",
                all.join(", ")
            )),
        }
    }
}

impl Stack {
    /// Refuses to delete what holds data unless the stack's name was typed; else says what becomes of its resources.
    pub(super) fn spares_data(&self, seen: &Seen) -> Result<Fate, Failure> {
        let fate = self.fate(seen);
        if fate.goes.is_empty() || self.delete_with_data {
            return Ok(fate);
        }
        Err(Failure::new(
            "the stack holds data",
            format!("deleting the stack {}", self.name),
        )
        .class(Class::Protected)
        .why(format!("With it goes what is in {}.", fate.goes.join(", ")))
        .left_behind("Nothing was changed.")
        .help(format!(
            "Type its name to delete it all the same: --yes-delete {}",
            self.name
        )))
    }

    /// By what stands, in it and in the stacks nested in it; where that may not be listed, by what is declared and by
    /// its template.
    fn fate(&self, seen: &Seen) -> Fate {
        let mut fate = Fate::default();
        let mut kept: Vec<String> = Vec::new();
        if !seen.parts.iter().any(|part| part.path.is_empty()) {
            self.by_template(&seen.stack.template, &mut fate);
        }
        for part in &seen.parts {
            if kept.iter().any(|path| part.path.starts_with(path)) {
                continue;
            }
            let template = part.template.as_deref().unwrap_or_default();
            let template = (self.reader.0)(template).unwrap_or_default();
            match &part.resources {
                None if part.path.is_empty() => self.by_template(&seen.stack.template, &mut fate),
                None => fate.goes.push(closed(&part.path)),
                Some(resources) => {
                    for (name, kind) in resources {
                        let path = format!("{}{name}", part.path);
                        if retains(&template, name) {
                            fate.stays.push(shown(&path, kind));
                            kept.push(path + "/");
                        } else if kind != NESTED {
                            fate.goes.extend(holding([(path.as_str(), kind.as_str())]));
                        }
                    }
                }
            }
        }
        for names in [&mut fate.goes, &mut fate.stays] {
            names.sort();
            names.dedup();
        }
        fate
    }

    fn by_template(&self, text: &str, fate: &mut Fate) {
        let template = (self.reader.0)(text).unwrap_or_default();
        let resources = template["Resources"].as_object().into_iter().flatten();
        let types =
            resources.filter_map(|(name, one)| Some((name.as_str(), one["Type"].as_str()?)));
        let (stay, go): (Vec<_>, Vec<_>) = types.partition(|(name, _)| retains(&template, name));
        let stay: Vec<String> = stay.iter().map(|(name, kind)| shown(name, kind)).collect();
        fate.goes.extend(holding(go));
        let declared = self.holds.iter().filter(|one| !stay.contains(one));
        fate.goes.extend(declared.cloned());
        if !template["Transform"].is_null() {
            fate.goes
                .push("what its macros made, which may not be listed".to_owned());
        }
        fate.stays.extend(stay);
    }
}

/// Whether the template lets a resource outlive the stack. A policy that is computed is taken for none: what it comes to
/// is written out where macros are done.
fn retains(template: &Value, resource: &str) -> bool {
    let policy = &template["Resources"][resource]["DeletionPolicy"];
    policy.as_str().is_some_and(outlives)
}

fn shown(name: &str, kind: &str) -> String {
    format!("{name} ({kind})")
}

fn closed(path: &str) -> String {
    let name = path.trim_end_matches('/');
    format!("{name} ({NESTED}, which may not be looked into)")
}
