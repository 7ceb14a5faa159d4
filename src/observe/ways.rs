//! Where paths of a host really lie: one file may have several, over links and by second names.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::invalidation::{RestsOn, normalized, rests_on};
use crate::model::{
    Action, Answer, Query,
    host::{FileType, HostAnswer, HostQuery, Way},
};

/// Where the paths that were asked about lie, as far as that was asked as well.
#[derive(Default)]
pub struct Ways {
    /// A path as it is written, and the places it leads to: itself, and what is behind a link of its name.
    places: HashMap<String, Vec<PathBuf>>,
    /// Whether something with several names was seen: a link itself, or a file of several names.
    several: bool,
}

impl Ways {
    /// Learns from an answer.
    pub fn learn(&mut self, query: &Query, answer: &Answer) {
        match (query, answer) {
            (
                Query::Host(HostQuery::Way { path, .. }),
                Answer::Host(HostAnswer::Way(Way::Leads(place))),
            ) => {
                let places = self.places.entry(path.clone()).or_default();
                places.push(normalized(place));
            }
            (_, Answer::Host(HostAnswer::Stat(Some(stat)))) => {
                self.several |= stat.kind == FileType::Link;
                self.several |= stat.kind == FileType::File && stat.links > 1;
            }
            _ => {}
        }
    }

    /// Whether an action on a file could change what was answered about another path. In doubt it could.
    pub fn may_change(&self, action: &Action, query: &Query) -> bool {
        let (Some((acted, _)), Query::Host(query)) = (action.path_on_host(), query) else {
            return false;
        };
        let acted = self.places.get(acted);
        match rests_on(query) {
            RestsOn::Start | RestsOn::Handlers(_) => false,
            _ if self.several => true,
            RestsOn::Path(asked) => match (acted, self.places.get(asked)) {
                (Some(acted), Some(asked)) => any(acted, |one| any(asked, |two| meet(one, two))),
                _ => true,
            },
            RestsOn::Files(are_these) => acted.is_none_or(|acted| any(acted, are_these)),
        }
    }
}

fn any(places: &[PathBuf], holds: impl Fn(&Path) -> bool) -> bool {
    places.iter().any(|place| holds(place))
}

/// Whether one is the other, or lies in it.
fn meet(one: &Path, two: &Path) -> bool {
    one.starts_with(two) || two.starts_with(one)
}
