//! What a memory without a ledger still says: the journals of the runs, and the targets.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Key;
use super::journal::{self, OPEN};
use super::records::Records;
use super::targets::Targets;
use crate::model::{Address, Effect, Failure, Kind};

/// What is known of an environment beside its ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces {
    /// What runs made and did not take away again, by their journals, with what the world calls it where that is told.
    pub made: BTreeMap<Address, Option<String>>,
    /// The names of registered targets.
    pub targets: Vec<String>,
}

impl Traces {
    /// Whether nothing says that anything was ever made.
    pub fn is_empty(&self) -> bool {
        self.made.is_empty() && self.targets.is_empty()
    }
}

/// A line of a journal, as far as it matters here.
#[derive(Deserialize)]
struct Line {
    event: String,
    address: Option<Address>,
    task: Option<String>,
    change: Option<Outline>,
}

#[derive(Deserialize)]
struct Outline {
    effect: Effect,
    #[serde(default)]
    diff: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    path: String,
    after: serde_json::Value,
}

/// Reads every journal, oldest first. The run of this name is left out: it is the one that asks.
pub(super) async fn read(records: &Records, but: &str) -> Result<Traces, Failure> {
    let mut traces = Traces::default();
    for target in Targets::new(records.clone()).list().await? {
        traces.targets.push(target.name);
    }
    let folder = records.key(&["journal"])?;
    let mut logs: Vec<Key> = Vec::new();
    for key in records.store().list(&folder).await? {
        // A log in a bucket is a key a piece.
        let Some(log) = journal::log_of(&folder, &key)? else {
            continue;
        };
        if !log.name().starts_with(but) && !logs.contains(&log) {
            logs.push(log);
        }
    }
    for log in logs {
        let text = if log.name().ends_with(OPEN) {
            records.store().read_log(&log).await?
        } else {
            records.store().read_whole(&log).await?
        };
        text.iter().for_each(|text| follow(text, &mut traces.made));
    }
    Ok(traces)
}

/// Follows what a run made and took away. Tasks on hosts are in no ledger.
fn follow(log: &[u8], made: &mut BTreeMap<Address, Option<String>>) {
    for line in log.split(|byte| *byte == b'\n') {
        let Ok(line) = serde_json::from_slice::<Line>(line) else {
            continue;
        };
        let (Some(address), Some(change), None, "acting") =
            (line.address, line.change, line.task, line.event.as_str())
        else {
            continue;
        };
        if address.kind == Kind::Host {
            continue;
        }
        match change.effect {
            Effect::Create | Effect::Replace | Effect::Adopt => {
                let name = change.diff.iter().find(|field| field.path == "name");
                let name = name.and_then(|field| field.after.get("value")?.as_str());
                made.insert(address, name.map(str::to_owned));
            }
            Effect::Delete => drop(made.remove(&address)),
            Effect::Update | Effect::Run => {}
        }
    }
}
