//! What became of one task, or of one item of its loop.

use crate::model::{Address, Failure, Map, Value};

/// What became of a task: what it registers, and how it ended.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    /// What it registers.
    pub result: Map,
    /// How it ended.
    pub ended: Ended,
}

/// How a task ended.
#[derive(Debug, Clone)]
pub(super) enum Ended {
    /// Well.
    Fine,
    /// It did not apply, and why.
    Skipped(String),
    /// It failed.
    Failed(Failure),
    /// It cannot be decided, or what it registers cannot be known, before this was applied.
    Unknown(Address),
}

impl Taken {
    /// It ended well with this result.
    pub fn fine(mut result: Map, changed: bool) -> Self {
        result.insert("failed".into(), Value::Bool(false));
        result.insert("changed".into(), Value::Bool(changed));
        Self {
            result,
            ended: Ended::Fine,
        }
    }

    /// It did not apply.
    pub fn skipped(why: impl Into<String>) -> Self {
        let why = why.into();
        let mut result = Map::new();
        result.insert("changed".into(), Value::Bool(false));
        result.insert("skipped".into(), Value::Bool(true));
        result.insert("skip_reason".into(), "Conditional result was False".into());
        result.insert("false_condition".into(), Value::String(why.clone()));
        Self {
            result,
            ended: Ended::Skipped(why),
        }
    }

    /// It failed; `result` holds what is known all the same.
    pub fn failed(mut result: Map, failure: Failure) -> Self {
        result.entry("changed").or_insert(Value::Bool(false));
        result.insert("failed".into(), Value::Bool(true));
        let said = match failure.why.is_empty() {
            true => &failure.what,
            false => &failure.why,
        };
        result
            .entry("msg")
            .or_insert_with(|| Value::String(said.clone()));
        Self {
            result,
            ended: Ended::Failed(failure),
        }
    }

    /// It, or what it registers, is known only after `address` was applied; `result` is what is known already.
    pub fn unknown(result: Map, address: &Address) -> Self {
        Self {
            result,
            ended: Ended::Unknown(address.clone()),
        }
    }

    /// Whether it changed something.
    pub fn changed(&self) -> bool {
        self.result.get("changed") == Some(&Value::Bool(true))
    }
}

/// What a loop registers from what its items did.
pub(super) fn together(items: Vec<Taken>) -> Taken {
    let changed = items.iter().any(Taken::changed);
    let skipped = items
        .iter()
        .all(|item| matches!(item.ended, Ended::Skipped(_)));
    let failed = items.iter().find_map(|item| match &item.ended {
        Ended::Failed(failure) => Some(failure.clone()),
        _ => None,
    });
    let unknown = items.iter().find_map(|item| match &item.ended {
        Ended::Unknown(address) => Some(address.clone()),
        _ => None,
    });
    let claimed = items.iter().all(|item| item.result.contains_key("changed"));
    let first_skip = items.iter().find_map(|item| match &item.ended {
        Ended::Skipped(why) => Some(why.clone()),
        _ => None,
    });
    let results = items
        .into_iter()
        .map(|item| Value::Object(item.result))
        .collect();
    let mut result = Map::new();
    result.insert("results".into(), Value::Array(results));
    // Whether the loop changed something is known when one item did, or when all items are known.
    if changed || unknown.is_none() || claimed {
        result.insert("changed".into(), Value::Bool(changed));
    }
    let message = match (failed.is_some(), skipped) {
        (true, _) => "One or more items failed",
        (_, true) => "All items skipped",
        _ => "All items completed",
    };
    result.insert("msg".into(), message.into());
    result.insert("skipped".into(), Value::Bool(skipped));
    result.insert("failed".into(), Value::Bool(failed.is_some()));
    let ended = match (failed, unknown, skipped) {
        (Some(failure), ..) => Ended::Failed(failure),
        (_, Some(address), _) => Ended::Unknown(address),
        (_, _, true) => Ended::Skipped(first_skip.unwrap_or_else(|| "No items in the list".into())),
        _ => Ended::Fine,
    };
    Taken { result, ended }
}
