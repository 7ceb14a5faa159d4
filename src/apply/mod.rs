//! Does what was decided: the same walk as a plan, with an executor that acts, writes its journal and keeps the ledger.

#[cfg(feature = "halts")]
mod halt;
mod in_order;
mod perform;
mod work;

use std::sync::Arc;

use crate::backend::{Journal, Ledger};
use crate::graph::Limits;
use crate::model::Failure;
use crate::plan::{self, LedgerExecutor, Plan, Site, Work};

pub use perform::Perform;
pub use work::{digests, released, remembered, removals};

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
    let perform = Perform::new(ledger.clone(), journal, site.redactor.clone(), run);
    let executor: Arc<dyn LedgerExecutor> = Arc::new(perform);
    let applied = plan::walk(site, work, limits, &executor).await;
    if applied.is_whole() {
        for address in &work.released {
            ledger.forget(address).await?;
        }
    }
    Ok(applied)
}
