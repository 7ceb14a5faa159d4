//! Why nothing was decided over a node.

use crate::model::{Address, Failure};

/// Why nothing was decided over a node.
#[derive(Debug)]
pub enum Undecided {
    /// It uses what is known only after that was applied.
    Until(Address),
    /// It could not be.
    Failed(Failure),
}

impl From<Failure> for Undecided {
    fn from(failure: Failure) -> Self {
        Undecided::Failed(failure)
    }
}
