//! The records of what was deployed where: one release a file, in the order of time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::records::Records;
use super::run::now;
use super::{Condition, Key, record};
use crate::model::Failure;

/// What became of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseState {
    /// It is under way, or the run that began it was cut.
    Begun,
    /// It was deployed.
    Done,
    /// It failed, and what it had begun was not undone.
    Failed,
    /// It failed, and the one before it was brought back.
    RolledBack,
    /// It failed before anything of what runs was exchanged.
    Unchanged,
}

impl ReleaseState {
    /// Its word for a person.
    pub fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::RolledBack => "rolled back",
            Self::Unchanged => "failed, nothing exchanged",
        }
    }
}

/// An image of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedImage {
    /// What was asked for: `docker.io/example/review:1.4`.
    pub reference: String,
    /// The digest of its manifest in its registry, which no later push changes; none of an image that came from none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The image's own id where it was deployed: the digest of its configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The words that name exactly this image there: by its digest, else by its id.
    pub pinned: String,
}

/// What was deployed to a target by one run. Holds nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The run that deployed it; the names of runs are in the order of time.
    pub run: String,
    /// The target.
    pub target: String,
    /// When it was begun: RFC 3339, UTC.
    pub begun: String,
    /// When it ended; none while it is under way, and where its run was cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// What became of it.
    pub state: ReleaseState,
    /// All images of the target, by their names, not only those that were exchanged.
    pub images: BTreeMap<String, ReleasedImage>,
    /// On ECS: the revisions of task definitions that its services run, by the services' names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub task_definitions: BTreeMap<String, String>,
    /// The release that it went back to, by its run, where it is a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_to: Option<String>,
}

impl Release {
    /// One that begins now.
    pub fn begin(run: &str, target: &str, images: BTreeMap<String, ReleasedImage>) -> Self {
        Self {
            run: run.to_owned(),
            target: target.to_owned(),
            begun: now(),
            ended: None,
            state: ReleaseState::Begun,
            images,
            task_definitions: BTreeMap::new(),
            back_to: None,
        }
    }

    /// One that begins now and goes back to an earlier one of the same target.
    pub fn back_to(run: &str, earlier: &Self) -> Self {
        Self {
            task_definitions: earlier.task_definitions.clone(),
            back_to: Some(earlier.run.clone()),
            ..Self::begin(run, &earlier.target, earlier.images.clone())
        }
    }

    /// The same, ended now in this state.
    pub fn end(mut self, state: ReleaseState) -> Self {
        self.state = state;
        self.ended = Some(now());
        self
    }
}

/// Whether each of a target's releases, the oldest first, is the one that runs, as far as is known: the newest that was done.
///
/// Not known of that one and of those after it when one of them failed or was cut: what it had begun was not undone.
pub fn which_runs(releases: &[Release]) -> Vec<Option<bool>> {
    let undone = [ReleaseState::Begun, ReleaseState::Failed];
    let newest = releases
        .iter()
        .rposition(|one| one.state == ReleaseState::Done);
    let after = newest.map_or(0, |newest| newest + 1);
    let sure = !releases[after..]
        .iter()
        .any(|one| undone.contains(&one.state));
    let each = releases.iter().enumerate();
    each.map(|(at, one)| match Some(at) == newest {
        true => sure.then_some(true),
        false => (at < after || !undone.contains(&one.state)).then_some(false),
    })
    .collect()
}

/// The releases of one environment's targets.
#[derive(Clone)]
pub struct Releases {
    records: Records,
}

impl Releases {
    pub(super) fn new(records: Records) -> Self {
        Self { records }
    }

    /// Every release of a target, the oldest first. Fails when one of the records cannot be read.
    pub async fn list(&self, target: &str) -> Result<Vec<Release>, Failure> {
        let folder = self.records.key(&["releases", target])?;
        let mut releases = Vec::new();
        for key in self.records.store().list(&folder).await? {
            if key.name().ends_with(".json")
                && let Some(release) = self.read(&key, target).await?
            {
                releases.push(release);
            }
        }
        Ok(releases)
    }

    /// The release that runs at a target, as far as is known: the newest that was done; none before the first one.
    pub async fn current(&self, target: &str) -> Result<Option<Release>, Failure> {
        let releases = self.list(target).await?;
        let mut done = releases.into_iter().rev();
        Ok(done.find(|release| release.state == ReleaseState::Done))
    }

    /// Writes a release, over what an earlier step of the same run wrote of it.
    pub async fn put(&self, release: &Release) -> Result<(), Failure> {
        let file = format!("{}.json", release.run);
        let key = self.records.key(&["releases", &release.target, &file])?;
        let mut bytes = serde_json::to_vec_pretty(release)
            .map_err(|error| Failure::bug(format!("a release cannot be written: {error}")))?;
        bytes.push(b'\n');
        let written = self.records.store().put(&key, &bytes, &Condition::Any);
        match written.await {
            Ok(_) => Ok(()),
            Err(error) => Err(error.or_lost(|| Failure::bug("an unconditional write lost a race"))),
        }
    }

    /// Fails also when the record is of another target or run than its key says: it would be written there.
    async fn read(&self, key: &Key, target: &str) -> Result<Option<Release>, Failure> {
        let Some((bytes, _)) = self.records.store().get(key).await? else {
            return Ok(None);
        };
        let read = record::json(&bytes).map_err(|error| error.to_string());
        let own = read.and_then(|release: Release| {
            let file = format!("{}.json", release.run);
            match release.target == target && key.name() == file {
                true => Ok(Some(release)),
                false => Err(format!(
                    "It is the record of a release to `{}` by the run `{}`.",
                    release.target, release.run
                )),
            }
        });
        own.map_err(|error| {
            Failure::new(
                "a release's record cannot be read",
                format!("`{}` was read.", self.records.store().location(key)),
            )
            .why(error)
            .left_behind("The record is as it was.")
            .help("Delete the file: what it says of that release is lost, and nothing else.")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReleaseState::{Begun, Done, Failed, RolledBack};

    fn runs(states: &[ReleaseState]) -> Vec<Option<bool>> {
        let release =
            |state: &ReleaseState| Release::begin("1", "web", BTreeMap::new()).end(*state);
        let releases: Vec<Release> = states.iter().map(release).collect();
        which_runs(&releases)
    }

    #[test]
    fn the_newest_that_was_done_runs_unless_one_after_it_was_left_half_way() {
        let (yes, no, unknown) = (Some(true), Some(false), None);
        assert_eq!(runs(&[Done, Done, RolledBack]), [no, yes, no]);
        assert_eq!(runs(&[Failed, Done]), [no, yes]);
        assert_eq!(
            runs(&[Done, Done, Failed, RolledBack]),
            [no, unknown, unknown, no]
        );
        assert_eq!(runs(&[Begun]), [unknown]);
        assert_eq!(runs(&[RolledBack]), [no]);
        assert_eq!(runs(&[]), []);
    }
}
