//! A host that does not answer holds up only what needs it.

use std::collections::BTreeSet;

use super::{LeftOut, Plan, Work};
use crate::model::{Address, Class, Failure, Place};

impl Plan {
    /// Leaves hosts that did not answer out of the work, and what needs them, so that the rest can be done without.
    ///
    /// Only when nothing else went wrong: any other failure asks for a decision first. And only hosts: where AWS does not
    /// answer, it is the operator's own side that needs repair. What is declared no more stays until every host was
    /// applied, for a host may still use it.
    pub fn leave_unreached_out(&mut self, work: &mut Work) {
        let silent = |(address, failure): &(Address, Failure)| {
            failure.class == Class::Unreachable
                && work
                    .build
                    .get(address)
                    .is_some_and(|node| matches!(node.place, Place::Host(_)))
        };
        if self.failed.is_empty() || !self.not_reached.is_empty() || !self.failed.iter().all(silent)
        {
            return;
        }
        let unreached: Vec<(Address, String)> = self
            .failed
            .iter()
            .map(|(address, failure)| (address.clone(), failure.summary.to_owned()))
            .collect();
        let blocked = std::mem::take(&mut self.blocked);
        work.keep(|address| {
            let itself = unreached.iter().find(|(silent, _)| silent == address);
            let through = blocked.iter().find(|(waits, _)| waits == address);
            itself
                .map(|(_, summary)| summary.clone())
                .or_else(|| through.map(|(_, by)| format!("it needs {by}")))
        });
        for out in &mut work.left_out {
            out.unreached = unreached.iter().any(|(silent, _)| *silent == out.address);
        }
        work.hold_removals_back(|_| false);
        let out: BTreeSet<&Address> = work
            .left_out
            .iter()
            .map(|LeftOut { address, .. }| address)
            .collect();
        self.sections
            .retain(|section| !out.contains(&section.address));
        self.unreached = std::mem::take(&mut self.failed);
    }
}
