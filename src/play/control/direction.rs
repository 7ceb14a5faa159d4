//! Where a module that needs no host sends the walk.

use std::sync::Arc;

use crate::{
    model::playbook::Step,
    play::{
        result::{flow::Flow, task_result::TaskResult},
        scope::inherited::Inherited,
    },
};

/// Where the walk goes after a module that needs no host.
pub enum Direction {
    /// On, with this result.
    Done(TaskResult),
    /// Through these steps, which inherit this.
    Walk(Arc<[Step]>, Arc<Inherited>),
    /// Through the handlers that were notified.
    Flush,
    /// Out of the play, or away from the host.
    Leave(Flow),
}
