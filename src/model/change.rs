//! What differs, what will be done about it, and how it is shown.

use std::collections::BTreeMap;

use serde::ser::{Error as _, SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};

use super::{Action, Address, Content, Digest, Secret, Value};

/// How a value is shown in a diff. A secret has no other form here than its digest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// There is none.
    Absent,
    /// A value, shown on one line.
    Value(Value),
    /// Text of several lines, shown as a unified diff.
    Text(String),
    /// Something secret or not text.
    Digest(Digest),
    /// Known only after something else was applied.
    Unknown,
}

/// The longest text that is shown; nobody reads more of a diff, and each copy of it is kept in plan and journal.
const SHOWN_UP_TO: usize = 256 << 10;

impl Shown {
    /// Text when the content may be shown and is one that can be read, its digest otherwise.
    pub fn content(content: &Content) -> Self {
        match content.text() {
            Some(text)
                if !content.is_secret() && text.len() <= SHOWN_UP_TO && !text.contains('\0') =>
            {
                Shown::Text(text.to_owned())
            }
            _ => Shown::Digest(content.digest()),
        }
    }
}

/// One field that differs: `mode: "0755" → "0700"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The field's path in the field's own words, for example `managed_policies` or `/etc/hosts`.
    pub path: String,
    /// What is.
    pub before: Shown,
    /// What will be.
    pub after: Shown,
}

impl Field {
    /// A field that differs.
    pub fn new(path: impl Into<String>, before: Shown, after: Shown) -> Self {
        Self {
            path: path.into(),
            before,
            after,
        }
    }
}

/// What a change does to the thing as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The thing is not there and will be made.
    Create,
    /// The thing is there and will be altered in place.
    Update,
    /// The thing is there and will be made anew.
    Replace,
    /// The thing is there, made by somebody else, and will be taken over.
    Adopt,
    /// The thing is there and will be taken away.
    Delete,
    /// Something is run.
    Run,
}

/// What differs and what will be done about it. Without actions, nothing differs.
///
/// `result` is what an Ansible task registers beside `changed`; it is empty for AWS kinds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// What it does to the thing as a whole.
    pub effect: Effect,
    /// Every field that differs.
    pub diff: Vec<Field>,
    /// What will be done, in order.
    pub actions: Vec<Action>,
    /// What takes back what was done, in order, where a later one of the actions fails; empty where that stays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<Action>,
    /// What the reader of a plan must know, for example that a sudo rule is equivalent to root.
    pub notes: Vec<String>,
    /// What the task registers.
    pub result: Value,
    /// What the digests of its actions are made with, where these carry a secret that somebody could guess and compare.
    #[serde(skip)]
    pub salt: Option<Digest>,
}

impl Change {
    /// Nothing differs.
    pub fn none() -> Self {
        Self::new(Effect::Update)
    }

    /// A change of this effect, to be filled.
    pub fn new(effect: Effect) -> Self {
        Self {
            effect,
            diff: Vec::new(),
            actions: Vec::new(),
            undo: Vec::new(),
            notes: Vec::new(),
            result: Value::Null,
            salt: None,
        }
    }

    /// The same change with one more field that differs.
    pub fn field(mut self, path: impl Into<String>, before: Shown, after: Shown) -> Self {
        self.diff.push(Field::new(path, before, after));
        self
    }

    /// The same change with one more action.
    pub fn action(mut self, action: impl Into<Action>) -> Self {
        self.actions.push(action.into());
        self
    }

    /// The same change with one more action that takes it back.
    pub fn undo(mut self, action: impl Into<Action>) -> Self {
        self.undo.push(action.into());
        self
    }

    /// The same change with one more note.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same change with what the task registers.
    pub fn result(mut self, result: Value) -> Self {
        self.result = result;
        self
    }

    /// Whether there is nothing to do.
    pub fn is_none(&self) -> bool {
        self.actions.is_empty()
    }
}

/// Writes a change down without what its actions carry: their kind, and a digest by which one is told from another.
pub(super) fn outline<S: Serializer>(change: &Change, serializer: S) -> Result<S::Ok, S::Error> {
    let mut shown = serializer.serialize_struct("Change", 4)?;
    shown.serialize_field("effect", &change.effect)?;
    shown.serialize_field("diff", &change.diff)?;
    shown.serialize_field("notes", &change.notes)?;
    let salt = change.salt.as_ref().map_or("", |salt| &salt.sha256);
    let actions = change.actions.iter();
    let actions: Result<Vec<Value>, _> = actions.map(|action| outline_of(action, salt)).collect();
    shown.serialize_field("actions", &actions.map_err(S::Error::custom)?)?;
    shown.end()
}

/// `{"host": "write", "sha256": …}`
fn outline_of(action: &Action, salt: &str) -> Result<Value, serde_json::Error> {
    let whole = serde_json::to_value(action)?;
    let digest = Digest::of(format!("{salt}{whole}").as_bytes()).sha256;
    let first = |value: &Value| match value {
        Value::Object(map) => map
            .iter()
            .next()
            .map(|(key, inner)| (key.clone(), inner.clone())),
        Value::String(text) => Some((text.clone(), Value::Null)),
        _ => None,
    };
    let (place, inner) = first(&whole).unwrap_or_default();
    let what = first(&inner).map(|(what, _)| what).unwrap_or_default();
    Ok(serde_json::json!({ place: what, "sha256": digest }))
}

/// Whether a thing is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Goal {
    /// The thing is declared.
    Present,
    /// The thing is to be taken away.
    Absent,
}

/// An output of a thing, such as a stack's output or a role's ARN.
#[derive(Debug, Clone, PartialEq)]
pub enum Attribute {
    /// The value is known.
    Known(Value),
    /// The value is known and secret: templates may use it, and nothing shows it or writes it down.
    Secret(Secret),
    /// The value is known once the thing was applied.
    AfterApply,
}

/// The outputs of a thing by dotted path, for example `arn` or `outputs.ClusterName`.
pub type Attributes = BTreeMap<String, Attribute>;

/// What was decided for a thing: the change, and the outputs that others may refer to.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What differs and what will be done.
    pub change: Change,
    /// What others may refer to.
    pub attributes: Attributes,
}

/// The verdict over one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing differs.
    Unchanged,
    /// Something differs. Written down, its actions are outlined only.
    Change(#[serde(serialize_with = "outline")] Change),
    /// Nothing differs, and something is run all the same: a command that says of itself that it changes nothing.
    Run(#[serde(serialize_with = "outline")] Change),
    /// The task or thing does not apply, and why: a condition that does not hold.
    Skipped(String),
    /// Nothing can be decided before that thing was applied.
    Unknown(Address),
}
