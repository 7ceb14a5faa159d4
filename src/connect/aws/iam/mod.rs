//! IAM: roles, managed policies, instance profiles.

mod act;
mod ask;
mod document;

pub(super) use act::act;
pub(super) use ask::ask;

/// The code of everything that is not there, or not there yet.
const ABSENT: &str = "NoSuchEntity";
/// The code of everything that is there already.
const PRESENT: &str = "EntityAlreadyExists";
