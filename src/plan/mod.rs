//! Decides what differs: over every node of an environment, and over every task of a host's playbook.

mod choice;
mod decide;
mod gone;
mod host;
mod identity;
mod instance;
mod key_past;
mod ledger;
mod realize;
mod record;
mod recover;
mod saved;
mod section;
mod site;
mod swarm;
mod target;
mod undecided;
mod unreached;
mod visit;

use std::sync::Arc;

use crate::graph::{Direction, Graph, Limits, Walked};
use crate::model::{Address, Failure, Goal, Redactor, Verdict};
use crate::play::DryRun;

pub use choice::{Choice, LeftOut};
pub use decide::Subject;
pub use ledger::LedgerExecutor;
pub use realize::Thing;
pub use record::Record;
pub use recover::{Found, recover};
pub use saved::{About, Saved};
pub use section::Section;
pub use site::{Declared, Outputs, OwnKeys, Places, Site};
use visit::visit;

/// What is to be built and what is to be taken away.
#[derive(Debug, Clone)]
pub struct Work {
    /// What is declared.
    pub build: Graph,
    /// What was made once and is declared no more, or everything when an environment is destroyed.
    pub remove: Graph,
    /// What was taken over and is declared no more: forgotten, and left as it is.
    pub released: Vec<Address>,
    /// What of the environment this run is not about.
    pub left_out: Vec<LeftOut>,
}

/// What was decided over a whole environment.
#[derive(Debug)]
pub struct Plan {
    /// A section a node, in the order they would be applied.
    pub sections: Vec<Section>,
    /// The nodes over which nothing could be decided, and why.
    pub failed: Vec<(Address, Failure)>,
    /// The nodes that wait for one of those.
    pub blocked: Vec<(Address, Address)>,
    /// The nodes that were not reached because the run was stopped.
    pub not_reached: Vec<Address>,
    /// The hosts that did not answer, when the rest goes on without them, and why.
    pub unreached: Vec<(Address, Failure)>,
}

impl Plan {
    /// A plan of nothing.
    pub fn empty() -> Self {
        Self {
            sections: Vec::new(),
            failed: Vec::new(),
            blocked: Vec::new(),
            not_reached: Vec::new(),
            unreached: Vec::new(),
        }
    }

    /// Whether nothing would change and nothing is unknown.
    pub fn is_empty(&self) -> bool {
        self.is_whole() && self.sections.iter().all(Section::is_empty)
    }

    /// How many nodes are not decided: those that failed, those that wait for them, those that were not reached.
    pub fn undecided(&self) -> usize {
        self.failed.len() + self.blocked.len() + self.not_reached.len()
    }

    /// How many changes are in it, those that were made before something failed among them.
    pub fn changes(&self) -> usize {
        let whole: usize = self.sections.iter().map(Section::changes).sum();
        let before: usize = self.failed.iter().map(|(_, failure)| failure.made).sum();
        whole + before
    }

    /// Adds how a walk ended, in the order of its graph.
    pub fn gather(&mut self, mut walked: Walked<Section>, graph: &Graph, direction: Direction) {
        let mut order: Vec<&Address> = graph.nodes().iter().map(|node| &node.address).collect();
        if direction == Direction::Backward {
            order.reverse();
        }
        self.sections.extend(
            order
                .into_iter()
                .filter_map(|address| walked.done.remove(address)),
        );
        self.failed.append(&mut walked.failed);
        self.blocked.append(&mut walked.blocked);
        self.not_reached.append(&mut walked.not_reached);
    }

    /// The same without the environment's secrets.
    ///
    /// Only once all is decided: what is looked for grows on the way, and a plan that is made again must be the same
    /// whichever host came first.
    pub fn hiding(mut self, redactor: &Redactor) -> Self {
        let sections = std::mem::take(&mut self.sections);
        self.sections = sections
            .into_iter()
            .map(|section| section.hiding(redactor))
            .collect();
        let failed = std::mem::take(&mut self.failed);
        self.failed = failed
            .into_iter()
            .map(|(address, failure)| (address, redactor.failure(failure)))
            .collect();
        self
    }

    /// Whether every node was decided.
    pub fn is_whole(&self) -> bool {
        self.undecided() == 0
    }
}

/// Decides over everything and does nothing.
pub async fn plan(site: &Site, work: &Work, limits: Limits) -> Plan {
    let mut plan = walk(
        site,
        work,
        limits,
        &(Arc::new(DryRun) as Arc<dyn LedgerExecutor>),
    )
    .await;
    let left = Verdict::Skipped("it was taken over once, so it is left as it is".to_owned());
    let released = work.released.iter();
    plan.sections
        .extend(released.map(|address| Section::of(address, left.clone())));
    plan
}

/// Walks what is to be built, then what is to be taken away, handing every decision to this executor.
///
/// What others were built on may go only when they stand without it: when something could not be built, nothing is
/// really taken away.
pub async fn walk(
    site: &Site,
    work: &Work,
    limits: Limits,
    executor: &Arc<dyn LedgerExecutor>,
) -> Plan {
    let mut plan = Plan::empty();
    let halves = [
        (&work.build, Direction::Forward, Goal::Present),
        (&work.remove, Direction::Backward, Goal::Absent),
    ];
    for (graph, direction, goal) in halves {
        if !plan.is_whole() && !executor.supposes() {
            let left = graph.nodes().iter().map(|node| node.address.clone());
            plan.not_reached.extend(left);
            continue;
        }
        let visit = |node| visit(site, node, goal, executor);
        let walked = graph.walk(direction, limits, &site.events, &site.stop, visit);
        plan.gather(walked.await, graph, direction);
    }
    plan.hiding(&site.redactor)
}
