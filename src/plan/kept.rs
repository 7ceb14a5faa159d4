//! What of a declaration is written into the ledger: enough to take the thing away, and nothing secret.

use crate::model::{Kind, Map, Value};

/// The values without what could be secret in them: parameters of stacks, environments and commands of containers.
/// Removal needs none of these, so each is kept empty in its own shape.
pub fn values(kind: Kind, mut values: Map) -> Map {
    let emptied: &[&str] = match kind {
        Kind::Stack => &["parameters", "defaults", "body", "tags"],
        Kind::TaskDefinition => &["containers"],
        Kind::Job => &["command"],
        _ => &[],
    };
    for name in emptied {
        if let Some(value) = values.get_mut(*name) {
            *value = match value {
                Value::Object(_) => Value::Object(Map::new()),
                Value::Array(_) => Value::Array(Vec::new()),
                _ => Value::String(String::new()),
            };
        }
    }
    values
}
