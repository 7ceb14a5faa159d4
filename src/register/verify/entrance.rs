//! How what is tried is entered.

use std::sync::Arc;

use async_trait::async_trait;

use crate::model::{EcsTarget, Failure, HostTarget, Probe, Target};

/// Opens what is tried, as CI would be let in. Nothing that it opens can change anything.
#[async_trait]
pub trait Entrance: Send + Sync {
    /// The host, entered as the deploy user with the key pair of the record, its host keys those of the record alone.
    ///
    /// Fails when it is not reached or does not let that user in.
    async fn host(&self, target: &Target, host: &HostTarget) -> Result<Entered, Failure>;

    /// The account and region of a service. Fails when it cannot be reached, or is another account.
    async fn aws(&self, ecs: &EcsTarget) -> Result<Arc<dyn Probe>, Failure>;

    /// The network around this machine.
    fn network(&self) -> Arc<dyn Probe>;
}

/// What came of entering.
pub enum Entered {
    /// What can be asked there now.
    Probe(Arc<dyn Probe>),
    /// This machine has not what CI enters by, for this reason, a whole sentence.
    NoKey(String),
}
