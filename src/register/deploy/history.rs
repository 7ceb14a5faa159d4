//! What was deployed to a target before, and which of it can be gone back to.

use std::collections::BTreeMap;

use crate::backend::{Release, ReleaseState, ReleasedImage, Releases};
use crate::model::Failure;

/// A target's releases, the oldest first.
#[derive(Debug, Clone, Default)]
pub struct History(Vec<Release>);

impl History {
    /// Reads them. One whose run was cut is ended as failed: whoever reads this holds the lock, so that nobody is at it.
    pub async fn read(releases: &Releases, target: &str) -> Result<Self, Failure> {
        let mut all = releases.list(target).await?;
        for release in &mut all {
            if release.state == ReleaseState::Begun {
                let cut = release.clone().end(ReleaseState::Failed);
                releases.put(&cut).await?;
                // For this run it stays what it was: how far it came is not known.
                release.ended = cut.ended;
            }
        }
        Ok(Self(all))
    }

    /// The release that runs, as far as is known: the newest that was done.
    pub fn current(&self) -> Option<&Release> {
        let mut done = self.0.iter().rev();
        done.find(|release| release.state == ReleaseState::Done)
    }

    /// Whether the newest release left the target as its record says; true where there is none.
    pub fn is_settled(&self) -> bool {
        self.0.last().is_none_or(|newest| {
            use ReleaseState::{Done, RolledBack, Unchanged};
            matches!(newest.state, Done | RolledBack | Unchanged)
        })
    }

    /// Whether the newest release was done.
    pub fn ended_well(&self) -> bool {
        let newest = self.0.last();
        newest.is_some_and(|newest| newest.state == ReleaseState::Done)
    }

    /// The release before the one that runs, with other images. Going back again goes further back, and what was gone
    /// back from is not come back to.
    pub fn before(&self) -> Option<&Release> {
        let mut path: Vec<&Release> = Vec::new();
        let done = |release: &&Release| release.state == ReleaseState::Done;
        for release in self.0.iter().filter(done) {
            if let Some(back) = &release.back_to
                && let Some(place) = path.iter().position(|one| one.run == *back)
            {
                path.truncate(place + 1);
                continue;
            }
            // The same images again are no step, so that none leads back to them.
            path.pop_if(|top| pinned(&top.images) == pinned(&release.images));
            path.push(release);
        }
        path.iter().rev().nth(1).copied()
    }

    /// What is known of an image that has these words, from the newest release that had it.
    pub fn image(&self, name: &str, words: &str) -> Option<&ReleasedImage> {
        let mut newest = self.0.iter().rev();
        newest.find_map(|release| {
            release
                .images
                .get(name)
                .filter(|image| image.pinned == words)
        })
    }
}

/// The words that name each image.
pub fn pinned(images: &BTreeMap<String, ReleasedImage>) -> BTreeMap<String, String> {
    let each = images.iter();
    each.map(|(name, image)| (name.clone(), image.pinned.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(run: &str, image: &str, state: ReleaseState, back_to: Option<&str>) -> Release {
        let image = ReleasedImage {
            reference: image.to_owned(),
            digest: None,
            id: None,
            pinned: image.to_owned(),
        };
        let mut release = Release::begin(run, "web", BTreeMap::from([("app".to_owned(), image)]));
        release.state = state;
        release.back_to = back_to.map(str::to_owned);
        release
    }

    use ReleaseState::{Begun, Done, Failed, RolledBack, Unchanged};

    #[test]
    fn one_goes_back_to_the_last_done_one_and_then_further() {
        let mut all = vec![
            release("1", "a:1", Done, None),
            release("2", "a:2", Done, None),
            release("3", "a:bad", RolledBack, None),
            release("4", "a:3", Done, None),
        ];
        let before = |all: &[Release]| {
            History(all.to_vec())
                .before()
                .map(|release| release.run.clone())
        };
        assert_eq!(before(&all).as_deref(), Some("2"));
        all.push(release("5", "a:2", Done, Some("2")));
        assert_eq!(before(&all).as_deref(), Some("1"));
        all.push(release("6", "a:1", Done, Some("1")));
        assert_eq!(before(&all), None);
        // What comes after a step back follows on from what is there then, not from what was left.
        all.push(release("7", "a:4", Done, None));
        assert_eq!(before(&all).as_deref(), Some("1"));
    }

    #[test]
    fn the_same_images_again_are_no_step_back() {
        let all = vec![
            release("1", "a:1", Done, None),
            release("2", "a:1", Done, None),
        ];
        assert!(History(all).before().is_none());
        assert!(History::default().before().is_none());
    }

    #[test]
    fn a_cut_or_failed_release_leaves_nobody_sure() {
        let settled = |state| History(vec![release("1", "a:1", state, None)]).is_settled();
        assert!(settled(Done) && settled(RolledBack) && settled(Unchanged));
        assert!(History::default().is_settled());
        assert!(!settled(Begun) && !settled(Failed));
        assert!(!History::default().ended_well());
    }
}
