//! What a file holds or shall hold, and how two contents are shown beside each other.

use crate::model::host::Stat;
use crate::model::{Content, Digest, Failure, Probe, Shown};

use super::ask;

/// Files above this many bytes are compared by digest: their text would cost more to fetch than a diff is worth.
pub const READ_UP_TO: usize = 256 * 1024;

/// How many lines are shown around those that differ in a long file, as diff has them.
const AROUND: usize = 3;

/// What a file shall hold.
#[derive(Debug, Clone)]
pub enum FileContent {
    /// This.
    Given(Content),
    /// What a file of the host holds, which is too long to travel.
    OnHost {
        /// That file.
        source: String,
        /// What it holds.
        digest: Digest,
    },
}

impl FileContent {
    /// What a file of the host holds; none where there is none.
    pub async fn of(
        world: &dyn Probe,
        path: &str,
    ) -> Result<(Option<Stat>, Option<Self>), Failure> {
        let (stat, head, sum) = futures::try_join!(
            ask::stat(world, path, true),
            ask::head(world, path, READ_UP_TO as u64 + 1),
            ask::sha256(world, path)
        )?;
        let holding = match (&stat, head, sum) {
            (_, Some(head), _) if head.bytes().len() <= READ_UP_TO => Some(Self::Given(head)),
            (Some(stat), Some(_), Some(sha256)) => Some(Self::OnHost {
                source: path.to_owned(),
                digest: Digest {
                    sha256,
                    bytes: stat.size,
                },
            }),
            _ => None,
        };
        Ok((stat, holding))
    }

    /// Its SHA-256 and length.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Given(content) => content.digest(),
            Self::OnHost { digest, .. } => digest.clone(),
        }
    }

    /// The content itself, where it is here.
    pub fn content(&self) -> Option<&Content> {
        match self {
            Self::Given(content) => Some(content),
            Self::OnHost { .. } => None,
        }
    }

    /// As a plan shows it.
    pub fn shown(&self) -> Shown {
        match self {
            Self::Given(content) => Shown::content(content),
            Self::OnHost { digest, .. } => Shown::Digest(digest.clone()),
        }
    }
}

/// Two contents as a diff shows them: of long ones the lines that differ, with some around them.
pub fn differing(old: &Content, new: &Content) -> (Shown, Shown) {
    let secret = old.is_secret() || new.is_secret();
    let long = old.bytes().len().max(new.bytes().len()) > READ_UP_TO;
    match (old.text(), new.text()) {
        (Some(old), Some(new)) if long && !secret => {
            let (old, new) = excerpt(old, new);
            (
                Shown::content(&Content::public(old)),
                Shown::content(&Content::public(new)),
            )
        }
        _ if secret => (Shown::Digest(old.digest()), Shown::Digest(new.digest())),
        _ => (Shown::content(old), Shown::content(new)),
    }
}

/// What is left of two texts without the lines that both begin and end with, but for a few.
fn excerpt<'a>(old: &'a str, new: &'a str) -> (&'a str, &'a str) {
    let alike = |pairs: &mut dyn Iterator<Item = (&'a str, &'a str)>| -> Vec<usize> {
        pairs
            .take_while(|(old, new)| old == new)
            .map(|(line, _)| line.len())
            .collect()
    };
    let start = alike(&mut old.split_inclusive('\n').zip(new.split_inclusive('\n')));
    let start: usize = start[..start.len().saturating_sub(AROUND)].iter().sum();
    let (old, new) = (&old[start..], &new[start..]);
    let end = alike(
        &mut old
            .split_inclusive('\n')
            .rev()
            .zip(new.split_inclusive('\n').rev()),
    );
    let end: usize = end[..end.len().saturating_sub(AROUND)].iter().sum();
    (&old[..old.len() - end], &new[..new.len() - end])
}
