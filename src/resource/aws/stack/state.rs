//! What CloudFormation's states mean for somebody who wants to deploy (user guide, `Stack status codes`).

/// What can be done with a stack in its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The stack stands and can be updated.
    Standing,
    /// An update failed and was told not to roll back; it can be updated.
    Broken,
    /// CloudFormation is at work on it.
    Moving,
    /// Its creation, or its deletion, failed: it can only be deleted.
    Leftover {
        /// Whether it certainly holds no resource.
        empty: bool,
    },
    /// The stack can neither be updated nor safely deleted.
    Stuck,
    /// The stack was deleted.
    Gone,
}

impl State {
    /// The meaning of a stack's status. What is not known is left to a person.
    pub fn of(status: &str) -> Self {
        match status {
            "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_COMPLETE"
            | "IMPORT_ROLLBACK_COMPLETE" => State::Standing,
            "UPDATE_FAILED" => State::Broken,
            "REVIEW_IN_PROGRESS" | "ROLLBACK_COMPLETE" => State::Leftover { empty: true },
            "CREATE_FAILED" | "ROLLBACK_FAILED" | "DELETE_FAILED" => {
                State::Leftover { empty: false }
            }
            "DELETE_COMPLETE" => State::Gone,
            other if other.ends_with("_IN_PROGRESS") => State::Moving,
            _ => State::Stuck,
        }
    }
}
