//! What is found to be wrong with a playbook before a host is asked.

use crate::{model::Failure, play::check::reachability::Reachability};

/// What was found.
#[derive(Debug, Default)]
pub struct Examined {
    /// What is wrong with what a run surely comes to.
    pub wrong: Vec<Failure>,
    /// What is wrong with what a run comes to where a condition holds. Only a host can say whether it does, so that it is
    /// told as a warning: playbooks for several families of hosts hold much that is meant for another one.
    pub perhaps: Vec<Failure>,
}

impl Examined {
    /// Adds what was found where a run comes to so surely.
    pub fn add(&mut self, reached: Reachability, found: impl IntoIterator<Item = Failure>) {
        match reached {
            Reachability::Surely => self.wrong.extend(found),
            Reachability::Perhaps => self.perhaps.extend(found),
            Reachability::Never => {}
        }
    }
}
