//! What a ledger records of a thing: enough to take it away, and nothing secret.

use std::path::Path;

use serde_json::json;

use crate::model::{Attribute, Attributes, Kind, Map, Value};
use crate::resource::{nature, nature::Extra};

/// What a ledger records of a thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its declaration, rendered and without secrets.
    pub values: Map,
    /// The account it is in, and its region; none for what is not in AWS.
    pub home: Option<String>,
    /// What else must be known: a digest, a key pair's public half.
    pub extra: Value,
    /// Whether it was taken over: others made it.
    pub adopted: bool,
}

impl Record {
    /// The record of a thing of ours that is not in AWS, with nothing beside its declaration.
    pub fn of(values: Map) -> Self {
        Self {
            values,
            home: None,
            extra: Value::Null,
            adopted: false,
        }
    }

    /// The record of a thing that is about to be made: no digest of a one-off task that has not run, and no public half
    /// of a key pair that is not there yet.
    pub fn begun(&self, kind: Kind) -> Self {
        let extra = match nature(kind).recorded.extra {
            // What was known of the one that is made anew is known until another stands.
            Extra::Attribute(_) if !self.extra.is_null() => self.extra.clone(),
            Extra::Attribute(name) => json!({ name: null }),
            Extra::Nothing | Extra::Digest => Value::Null,
        };
        Self {
            extra,
            ..self.clone()
        }
    }

    /// The record of a thing that stands and gives these attributes.
    pub fn standing(&self, kind: Kind, attributes: &Attributes) -> Self {
        match nature(kind).recorded.extra {
            Extra::Attribute(name) => match attributes.get(name) {
                Some(Attribute::Known(value)) => Self {
                    extra: json!({ name: value }),
                    ..self.clone()
                },
                Some(Attribute::Secret(_) | Attribute::AfterApply) | None => self.clone(),
            },
            Extra::Nothing | Extra::Digest => self.clone(),
        }
    }

    /// The digest that is recorded of a thing of this kind.
    pub fn digest(kind: Kind, extra: &Value) -> Option<&str> {
        match nature(kind).recorded.extra {
            Extra::Digest => extra.get(DIGEST)?.as_str(),
            Extra::Nothing | Extra::Attribute(_) => None,
        }
    }

    /// The same record with this digest.
    pub fn digested(&self, digest: &str) -> Self {
        Self {
            extra: Self::of_digest(Some(digest)),
            ..self.clone()
        }
    }

    /// What is recorded of this digest.
    pub fn of_digest(digest: Option<&str>) -> Value {
        digest.map_or(Value::Null, |digest| json!({ DIGEST: digest }))
    }
}

/// The name under which a digest is recorded.
const DIGEST: &str = "digest";

/// The values without what could be secret in them, and with their paths from the project's root on.
pub fn values(kind: Kind, mut values: Map, root: &Path) -> Map {
    let recorded = nature(kind).recorded;
    for name in recorded.emptied {
        if let Some(value) = values.get_mut(*name) {
            *value = match value {
                Value::Object(_) => Value::Object(Map::new()),
                Value::Array(_) => Value::Array(Vec::new()),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    Value::String(String::new())
                }
            };
        }
    }
    for name in recorded.paths {
        if let Some(Value::String(path)) = values.get_mut(*name)
            && let Ok(below) = Path::new(path.as_str()).strip_prefix(root)
        {
            *path = below.to_string_lossy().into_owned();
        }
    }
    values
}

/// Has the `login` among the values name its files from the project's root on.
pub fn login_below(values: &mut Map, root: &Path) {
    let Some(login) = values.get_mut("login").and_then(Value::as_object_mut) else {
        return;
    };
    for name in ["identity", "sudo_password_file"] {
        let below = login
            .get(name)
            .and_then(Value::as_str)
            .and_then(|path| Path::new(path).strip_prefix(root).ok())
            .map(|below| json!(below.to_string_lossy()));
        if let Some(below) = below {
            login.insert(name.to_owned(), below);
        }
    }
}
