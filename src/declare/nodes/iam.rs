//! Roles.

use serde_json::json;

use super::draft::Draft;
use crate::declare::environment::shape;
use crate::model::{Address, Kind, Value};

/// A node for each role. One that reads objects names their bucket, and is no later than it.
pub fn roles(draft: &mut Draft<'_>) {
    let environment = draft.environment;
    let bucket = environment
        .secrets
        .as_ref()
        .and_then(|secrets| secrets.bucket.as_deref());
    for (name, role) in &environment.roles {
        let mut reads: Vec<Value> = Vec::new();
        for (position, object) in role.reads.iter().enumerate() {
            let objects = environment.secrets.as_ref().map(|secrets| &secrets.objects);
            let known = objects.is_some_and(|objects| objects.contains_key(object));
            if known && let Some(bucket) = bucket {
                reads.push(json!({ "bucket": bucket, "key": object }));
            } else if !known {
                let names = objects.into_iter().flat_map(|objects| objects.keys());
                draft.undeclared(
                    Kind::Object,
                    object,
                    &["roles", name, "reads", &position.to_string()],
                    names.map(String::as_str),
                );
            }
        }
        if role.name.is_none() {
            draft.check_default_name(name, &shape::ROLE, ["roles", name], "name");
        }
        let values = json!({
            "name": role.name.as_ref().unwrap_or(name),
            "services": role.service.all(),
            "policies": role.policies,
            "instance_profile": role.instance_profile,
            "reads": reads,
            "adopt": role.adopt,
            "owner": draft.owner(),
        });
        draft.resource(Address::new(Kind::Role, name), values, []);
    }
}

/// A role as the world knows it: an ARN and a template stay as they are, a section of `[roles]` becomes a reference.
pub fn role(
    draft: &mut Draft<'_>,
    given: &str,
    path: &[&str],
    attribute: &str,
    needs: &mut Vec<Address>,
) -> String {
    if given.starts_with("arn:") || given.contains("{{") {
        return given.to_owned();
    }
    let roles = &draft.environment.roles;
    if !roles.contains_key(given) {
        let names = roles.keys().map(String::as_str);
        draft.undeclared(Kind::Role, given, path, names);
    }
    needs.push(Address::new(Kind::Role, given));
    format!("{{{{ roles['{given}'].{attribute} }}}}")
}
