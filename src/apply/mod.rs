//! Does what was decided: the same walk as a plan, with a hand that acts, writes its journal and keeps the ledger.

mod perform;
mod work;

use std::sync::Arc;

use crate::backend::{Journal, Ledger};
use crate::graph::{Direction, Limits};
use crate::model::{Failure, Goal};
use crate::plan::playbook::Hand;
use crate::plan::{Plan, Site, Work, visit};

pub use perform::Perform;
pub use work::{ran, released, removals};

/// Builds what is declared, then takes away what is declared no more.
///
/// What failed, was blocked or was not reached is in the plan that comes back; what was done is in the ledger. Fails
/// only when the ledger itself cannot be written at the end.
pub async fn apply(
    site: &Site,
    work: &Work,
    limits: Limits,
    ledger: &Ledger,
    journal: Arc<Journal>,
    run: &str,
) -> Result<Plan, Failure> {
    let perform = Arc::new(Perform::new(
        ledger.clone(),
        journal,
        site.redactor.clone(),
        run,
    ));
    let hand: Arc<dyn Hand> = perform.clone();
    let built = work
        .build
        .walk(
            Direction::Forward,
            limits,
            &site.events,
            &site.stop,
            |node| visit(site, node, Goal::Present, &hand),
        )
        .await;
    let mut applied = Plan::empty();
    applied.gather(built, &work.build, Direction::Forward);
    // What others were built on may go only when they stand without it.
    if !applied.is_whole() {
        applied
            .left
            .extend(work.remove.nodes().iter().map(|node| node.address.clone()));
        return Ok(applied.hiding(&site.redactor));
    }
    let removed = work
        .remove
        .walk(
            Direction::Backward,
            limits,
            &site.events,
            &site.stop,
            |node| {
                let hand = &hand;
                async move {
                    let section = visit(site, node, Goal::Absent, hand).await?;
                    ledger.forget(&node.address).await?;
                    Ok(section)
                }
            },
        )
        .await;
    applied.gather(removed, &work.remove, Direction::Backward);
    if applied.is_whole() {
        for address in &work.released {
            ledger.forget(address).await?;
        }
    }
    Ok(applied.hiding(&site.redactor))
}
