//! Why something could not be worked out.

use crate::model::{Address, Failure};

/// Why something could not be worked out.
#[derive(Debug, Clone)]
pub enum Unresolved {
    /// It depends on what is known only after this was applied.
    Unknown(Address),
    /// It is wrong, or the world said no.
    Failed(Failure),
}

impl From<Failure> for Unresolved {
    fn from(failure: Failure) -> Self {
        Unresolved::Failed(failure)
    }
}
