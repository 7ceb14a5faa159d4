//! A stack as it stands.

use crate::model::stack::{StackPart, StackSeen};

/// A stack as it stands, and where it may have to be deleted, what that would take away.
pub struct Seen {
    /// The stack itself, as CloudFormation describes it.
    pub stack: StackSeen,
    /// The stack itself and those nested in it; empty where it is not asked for.
    pub parts: Vec<StackPart>,
}
