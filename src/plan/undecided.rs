//! Why nothing was decided over a node.

use crate::model::{Address, Failure};

/// Why nothing was decided over a node.
#[derive(Debug)]
pub enum Undecided {
    /// The node uses a value that is known only after this other one was applied.
    Until(Address),
    /// The world could not be asked, or what is declared must not be done.
    Failed(Failure),
}

impl From<Failure> for Undecided {
    fn from(failure: Failure) -> Self {
        Undecided::Failed(failure)
    }
}
