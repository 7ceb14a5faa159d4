//! The records of where one can deploy.

use super::records::Records;
use super::{Condition, Key, Version, record};
use crate::model::{Failure, Target, Verification, shell_word};

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
            if let Some(name) = key.name().strip_suffix(".json")
                && let Some(target) = self.read(&key, name).await?
            {
                targets.push(target);
            }
        }
        Ok(targets)
    }

    /// The target of this name; none when it is not registered.
    pub async fn get(&self, name: &str) -> Result<Option<Target>, Failure> {
        self.read(&self.key(name)?, name).await
    }

    /// Writes the next edition of the record, the one there is kept in its history. Refuses a name that cannot be part of a
    /// key.
    pub async fn put(&self, target: &Target) -> Result<(), Failure> {
        let key = self.key(&target.name)?;
        let before = self.read_versioned(&key, &target.name).await?;
        let mut next = target.clone();
        let condition = match before {
            None => {
                next.version = self.last(&target.name).await? + 1;
                Condition::Absent
            }
            Some((before, version)) => {
                next.version = before.version + 1;
                self.keep(&before).await?;
                Condition::Is(version)
            }
        };
        self.write(&key, &next, &condition).await
    }

    /// Writes what came of verifying the target into its record, which stays the same edition.
    ///
    /// `false` where the record is another by now, or gone: then the stamp says nothing of it, and nothing is written.
    pub async fn stamp(&self, seen: &Target, stamp: &Verification) -> Result<bool, Failure> {
        let key = self.key(&seen.name)?;
        let Some((now, version)) = self.read_versioned(&key, &seen.name).await? else {
            return Ok(false);
        };
        let same = Target {
            verified: seen.verified.clone(),
            ..now.clone()
        };
        if same != *seen {
            return Ok(false);
        }
        let stamped = Target {
            verified: Some(stamp.clone()),
            ..now
        };
        self.write(&key, &stamped, &Condition::Is(version)).await?;
        Ok(true)
    }

    /// The earlier editions of a target's record, the oldest first; also of one that was taken off the register.
    pub async fn history(&self, name: &str) -> Result<Vec<Target>, Failure> {
        let folder = self.records.key(&["history", name])?;
        let mut found = Vec::new();
        for key in self.records.store().list(&folder).await? {
            found.extend(self.read(&key, name).await?);
        }
        found.sort_by_key(|target| target.version);
        Ok(found)
    }

    /// The last edition that a target had which is registered no more; 0 where there was none.
    async fn last(&self, name: &str) -> Result<u64, Failure> {
        let history = self.history(name).await?;
        Ok(history.last().map_or(0, |target| target.version))
    }

    /// Keeps an edition in the history. It may be there from a run that was cut just then.
    async fn keep(&self, target: &Target) -> Result<(), Failure> {
        let file = format!("{:06}.json", target.version);
        let key = self.records.key(&["history", &target.name, &file])?;
        self.write(&key, target, &Condition::Any).await
    }

    async fn write(
        &self,
        key: &Key,
        target: &Target,
        condition: &Condition,
    ) -> Result<(), Failure> {
        let mut bytes = serde_json::to_vec_pretty(target)
            .map_err(|error| Failure::bug(format!("a target cannot be written: {error}")))?;
        bytes.push(b'\n');
        match self.records.store().put(key, &bytes, condition).await {
            Ok(_) => Ok(()),
            Err(error) => Err(error.or_lost(|| self.changed(&target.name, "was to be written"))),
        }
    }

    /// Takes the record away; `false` when there was none.
    pub async fn remove(&self, name: &str) -> Result<bool, Failure> {
        let key = self.key(name)?;
        let Some((_, version)) = self.records.store().get(&key).await? else {
            return Ok(false);
        };
        // One that cannot be read has no edition to keep.
        if let Ok(Some(last)) = self.read(&key, name).await {
            self.keep(&last).await?;
        }
        match self
            .records
            .store()
            .delete(&key, &Condition::Is(version))
            .await
        {
            Ok(()) => Ok(true),
            Err(error) => {
                Err(error.or_lost(|| self.changed(name, "was to be taken off the register")))
            }
        }
    }

    fn key(&self, name: &str) -> Result<Key, Failure> {
        self.records.key(&["targets", &format!("{name}.json")])
    }

    async fn read(&self, key: &Key, name: &str) -> Result<Option<Target>, Failure> {
        let read = self.read_versioned(key, name).await?;
        Ok(read.map(|(target, _)| target))
    }

    /// Fails also when the record is of another target than this one: its name is part of commands, variables and files.
    async fn read_versioned(
        &self,
        key: &Key,
        name: &str,
    ) -> Result<Option<(Target, Version)>, Failure> {
        let Some((bytes, version)) = self.records.store().get(key).await? else {
            return Ok(None);
        };
        let read = record::json(&bytes).map_err(|error| error.to_string());
        let own = read.and_then(|target: Target| match target.name == name {
            true => Ok(Some((target, version))),
            false => Err(format!("It is the record of a target `{}`.", target.name)),
        });
        own.map_err(|error| {
            Failure::new(
                "a target's record cannot be read",
                format!("`{}` was read.", self.records.store().location(key)),
            )
            .why(error)
            .left_behind("The record is as it was.")
            .help(format!(
                "Delete the file and run `landfall apply {}`, which writes it anew.",
                shell_word(self.records.environment())
            ))
        })
    }

    /// The failure of a record that somebody else wrote meanwhile.
    fn changed(&self, name: &str, doing: &str) -> Failure {
        Failure::new(
            "the target was changed meanwhile",
            format!("`{name}` {doing}."),
        )
        .left_behind("It is registered as the other run left it.")
        .help(format!(
            "Look at it with `landfall targets show {} {}`, and run it again.",
            shell_word(self.records.environment()),
            shell_word(name)
        ))
    }
}
