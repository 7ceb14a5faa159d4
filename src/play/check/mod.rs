//! What can be known to be wrong with a playbook before anything is asked or done.

pub mod check;
pub mod examine;
pub mod misplaced;
pub mod reached;
