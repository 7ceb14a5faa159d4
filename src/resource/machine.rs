//! A host as others refer to it. It is no [`super::Resource`]: nothing of it is compared as a whole, its playbook is
//! walked task by task.

use super::nature::{Mark, Nature, Recorded, Within};

/// What holds for every host.
pub const NATURE: Nature = Nature {
    attributes: &["address", "port", "user"],
    open: None,
    identity: None,
    anchor: None,
    lies_in: Within::World,
    recorded: Recorded::AS_DECLARED,
    stands: false,
    holds_data: false,
    mark: Mark::Nothing,
    given_back: false,
};
