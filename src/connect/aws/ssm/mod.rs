//! Systems Manager: machines outside AWS that act as a role.

mod act;
mod ask;

pub(super) use act::act;
pub(super) use ask::ask;

/// The code of a managed instance that Systems Manager does not know.
const ABSENT: &[&str] = &["InvalidInstanceId", "InvalidResourceId"];
