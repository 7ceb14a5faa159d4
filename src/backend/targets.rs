//! The records of where one can deploy.

use super::records::Records;
use super::{Condition, Key, record};
use crate::model::{Failure, Target};

/// The targets of one environment, a record each.
#[derive(Clone)]
pub struct Targets {
    records: Records,
}

impl Targets {
    pub(super) fn new(records: Records) -> Self {
        Self { records }
    }

    /// Every target, by name. Fails when one of the records cannot be read.
    pub async fn list(&self) -> Result<Vec<Target>, Failure> {
        let folder = self.records.key(&["targets"])?;
        let mut targets = Vec::new();
        for key in self.records.store().list(&folder).await? {
            if key.name().ends_with(".json")
                && let Some(target) = self.read(&key).await?
            {
                targets.push(target);
            }
        }
        Ok(targets)
    }

    /// The target of this name; none when it is not registered.
    pub async fn get(&self, name: &str) -> Result<Option<Target>, Failure> {
        self.read(&self.key(name)?).await
    }

    /// Writes the record, over the one of the same name. Refuses a name that cannot be part of a key.
    pub async fn put(&self, target: &Target) -> Result<(), Failure> {
        let key = self.key(&target.name)?;
        let mut bytes = serde_json::to_vec_pretty(target)
            .map_err(|error| Failure::bug(format!("a target cannot be written: {error}")))?;
        bytes.push(b'\n');
        match self
            .records
            .store()
            .put(&key, &bytes, &Condition::Any)
            .await
        {
            Ok(_) => Ok(()),
            Err(error) => Err(error.or_lost(|| Failure::bug("an unconditional write lost a race"))),
        }
    }

    /// Takes the record away; `false` when there was none.
    pub async fn remove(&self, name: &str) -> Result<bool, Failure> {
        let key = self.key(name)?;
        let Some((_, version)) = self.records.store().get(&key).await? else {
            return Ok(false);
        };
        match self
            .records
            .store()
            .delete(&key, &Condition::Is(version))
            .await
        {
            Ok(()) => Ok(true),
            Err(error) => Err(error.or_lost(|| {
                Failure::new(
                    "the target was changed meanwhile",
                    format!("`{name}` was to be taken off the register."),
                )
                .left_behind("It is registered as the other run left it.")
                .help(format!(
                    "Look at it with `landfall targets show ENVIRONMENT {name}`, and run it again."
                ))
            })),
        }
    }

    fn key(&self, name: &str) -> Result<Key, Failure> {
        self.records.key(&["targets", &format!("{name}.json")])
    }

    async fn read(&self, key: &Key) -> Result<Option<Target>, Failure> {
        let Some((bytes, _)) = self.records.store().get(key).await? else {
            return Ok(None);
        };
        record::json(&bytes).map(Some).map_err(|error| {
            Failure::new(
                "a target's record cannot be read",
                format!("`{}` was read.", self.records.store().location(key)),
            )
            .why(error)
            .left_behind("The record is as it was.")
            .help("Delete the file and run `landfall apply ENVIRONMENT`, which writes it anew.")
        })
    }
}
