//! What holds for every thing of a kind, said by the kind itself: its names, its place, what others may refer to, what
//! the ledger records of it.

use crate::model::{Map, Value};

/// What holds for every thing of a kind.
///
/// There is no default: whoever adds a kind says each of these.
#[derive(Debug)]
pub struct Nature {
    /// The attributes that templates may refer to, for example `arn`.
    pub attributes: &'static [&'static str],
    /// The attribute below which only the thing itself says what there is, for example a stack's `outputs`.
    pub open: Option<&'static str>,
    /// What tells a thing from every other of its kind; none for what goes by its address alone.
    pub identity: Option<Identity>,
    /// What may not change while the thing stands, because the old one would be left behind.
    pub anchor: Option<Anchor>,
    /// Whether there is one for each region of an account, or one for the account.
    pub lies_in: Within,
    /// What the ledger records of the declaration.
    pub recorded: Recorded,
    /// Whether something stands when it was applied: a one-off task leaves nothing.
    pub stands: bool,
    /// Whether it may hold data, so that it goes only when its name was typed.
    pub holds_data: bool,
    /// How a thing that stands says whose it is.
    pub mark: Mark,
    /// Whether something of ours is taken off when a thing that was taken over is declared no more. Otherwise it is
    /// forgotten, and left as it is.
    pub given_back: bool,
}

/// Reads a declared value as text; none where it is not there or not known yet.
pub type Values<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What tells a thing from every other of its kind in the world.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    /// The key of its section that gives the name, for example `stack_name`; empty where the section itself does.
    pub key: &'static str,
    /// Reads the name off the declared values.
    pub name: fn(Values<'_>) -> Option<Name>,
    /// Where there can be one thing of this name only.
    pub within: Within,
}

/// A thing's name in the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As a person reads it.
    pub shown: String,
    /// As it is compared: equal for two spellings of one name.
    pub same: String,
}

impl Name {
    /// A name with one spelling.
    pub fn exact(name: String) -> Self {
        Self {
            same: name.clone(),
            shown: name,
        }
    }

    /// A name that is not told apart by case.
    pub fn any_case(name: String) -> Self {
        Self {
            same: name.to_lowercase(),
            shown: name,
        }
    }
}

/// What may not change while the thing stands.
#[derive(Debug, Clone, Copy)]
pub struct Anchor {
    /// Reads it off the declared values.
    pub name: fn(Values<'_>) -> Option<Name>,
    /// How one moves to another, as a whole sentence; none where it is enough to rename the section with it.
    pub to_move: Option<&'static str>,
}

/// Where there is one thing of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// In all of AWS, or on the operator's machine.
    World,
    /// In an account.
    Account,
    /// In one region of an account.
    Region,
}

/// What the ledger records of a declaration: enough to take the thing away, and nothing secret.
#[derive(Debug, Clone, Copy)]
pub struct Recorded {
    /// The values that may hold a secret and that removal does not need: each is recorded empty, in its own shape.
    pub emptied: &'static [&'static str],
    /// The values that are paths: recorded from the project's root on, because a team's copies lie elsewhere.
    pub paths: &'static [&'static str],
    /// What is recorded beside the values.
    pub extra: Extra,
}

impl Recorded {
    /// Every value as it is declared, and nothing beside them: none may be secret, none is a path.
    pub const AS_DECLARED: Self = Self {
        emptied: &[],
        paths: &[],
        extra: Extra::Nothing,
    };
}

/// What is recorded of a thing beside its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    /// Nothing beside the values.
    Nothing,
    /// A digest: of its declaration, once it was carried out, or of a change that the place itself found to be none.
    Digest,
    /// One of its attributes, once it stands.
    Attribute(&'static str),
}

/// How a thing that stands says whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// By the tag of its environment.
    Tag,
    /// By where it is: in something that is the environment's.
    Place,
    /// Not at all: one that no ledger knows is somebody's own.
    Nothing,
}

impl Nature {
    /// What tells a thing with these values from every other of its kind; none for what goes by its address alone.
    pub fn name(&self, values: &Map) -> Option<Name> {
        (self.identity?.name)(&text(values))
    }

    /// What may not change of a thing with these values while it stands.
    pub fn anchored(&self, values: &Map) -> Option<Name> {
        (self.anchor?.name)(&text(values))
    }
}

/// Reads texts of these values as they stand.
fn text(values: &Map) -> impl Fn(&str) -> Option<String> {
    |key| values.get(key).and_then(Value::as_str).map(str::to_owned)
}
