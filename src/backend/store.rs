//! Where records are kept, and the one promise all of memory rests on: a write may be made conditional on what is there.

use async_trait::async_trait;

use super::Key;
use crate::model::Failure;

/// What tells one state of a record from the next; only its store knows what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(pub(super) String);

/// What must hold at the moment of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// There is no such record.
    Absent,
    /// The record is still this one.
    Is(Version),
    /// Nothing.
    Any,
}

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteError {
    /// The condition did not hold: somebody else was faster. Nothing was changed.
    Lost,
    /// The store could not do it.
    Failed(Failure),
}

impl From<Failure> for WriteError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl WriteError {
    /// The failure to report, where losing means what this closure says.
    pub fn or_lost(self, lost: impl FnOnce() -> Failure) -> Failure {
        match self {
            WriteError::Lost => lost(),
            WriteError::Failed(failure) => failure,
        }
    }
}

/// Keeps records under keys. A record is seen whole or not at all, also when the writer dies.
#[async_trait]
pub trait Store: Send + Sync {
    /// The record and its version; none when there is none.
    async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, Failure>;

    /// Writes the record if the condition holds, and gives its new version.
    async fn put(
        &self,
        key: &Key,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Version, WriteError>;

    /// Takes the record away if the condition holds. With [`Condition::Any`] it may be gone already;
    /// [`Condition::Absent`] does nothing.
    async fn delete(&self, key: &Key, condition: &Condition) -> Result<(), WriteError>;

    /// Every key below this one, sorted.
    async fn list(&self, below: &Key) -> Result<Vec<Key>, Failure>;

    /// Adds the `index`th piece (from 0) to a log that one writer writes; durable when it returns.
    async fn append(&self, log: &Key, index: u64, piece: &[u8]) -> Result<(), Failure>;

    /// A log's pieces in order; none when nothing was ever appended.
    async fn read_log(&self, log: &Key) -> Result<Option<Vec<u8>>, Failure>;

    /// Takes a log away; it may be gone already.
    async fn delete_log(&self, log: &Key) -> Result<(), Failure>;

    /// Where a person finds the record: a path or an `s3://` address.
    fn location(&self, key: &Key) -> String;

    /// A record as long as a log may be; none when there is none.
    async fn read_whole(&self, key: &Key) -> Result<Option<Vec<u8>>, Failure> {
        Ok(self.get(key).await?.map(|(bytes, _)| bytes))
    }

    /// What can be done for a record that is lost or damaged, as sentences that are true of this store.
    async fn way_back(&self, key: &Key) -> String {
        let _ = key;
        "Bring it back from a copy of your own: a folder keeps no earlier versions.".to_owned()
    }
}
