//! What can be known to be wrong with a playbook before anything is asked or done.

mod certain;
mod checker;
mod examiner;
mod findings;
mod include_keywords;
mod names;
mod reachability;
mod refusals;

pub use checker::{check, examine};
pub use findings::Examined;
pub use refusals::{DeclaredHost, refusals};
