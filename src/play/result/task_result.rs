//! What became of one task, or of one item of its loop.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    model::{Address, Failure, Map, Value},
    vars::{Later, Secrecy},
};

/// What became of a task: what it registers, and how it ended.
#[derive(Debug, Clone)]
pub struct TaskResult {
    /// What it registers.
    pub result: Map,
    /// How it ended.
    pub ended: Ended,
    /// What of the result is known only later.
    pub later: Option<Arc<Later>>,
    /// Whether it has changed the host, though it failed.
    pub made: bool,
    /// What of the result is secret.
    pub secrecy: Secrecy,
}

/// How a task ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// Well.
    Fine,
    /// It did not apply, and why.
    Skipped(String),
    /// It failed.
    Failed(Failure),
    /// It cannot be decided, or what it registers cannot be known, before this was applied.
    Unknown(Address),
}

impl TaskResult {
    /// It ended well with this result.
    pub fn fine(mut result: Map, changed: bool) -> Self {
        result.insert("failed".into(), Value::Bool(false));
        result.insert("changed".into(), Value::Bool(changed));
        Self {
            result,
            ended: Ended::Fine,
            later: None,
            made: false,
            secrecy: Secrecy::Open,
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
            later: None,
            made: false,
            secrecy: Secrecy::Open,
        }
    }

    /// It failed; `result` holds what is known all the same.
    pub fn failed(mut result: Map, failure: Failure) -> Self {
        result.entry("changed").or_insert(Value::Bool(false));
        result.insert("failed".into(), Value::Bool(true));
        let said = if failure.why.is_empty() {
            &failure.what
        } else {
            &failure.why
        };
        result
            .entry("msg")
            .or_insert_with(|| Value::String(said.clone()));
        Self {
            result,
            made: failure.made > 0,
            ended: Ended::Failed(failure),
            later: None,
            secrecy: Secrecy::Open,
        }
    }

    /// It is known only after `address` was applied, and so is what it registers.
    pub fn unknown(address: &Address) -> Self {
        Self {
            result: Map::new(),
            ended: Ended::Unknown(address.clone()),
            later: Some(Arc::new(Later::Whole(address.clone()))),
            made: false,
            secrecy: Secrecy::Open,
        }
    }

    /// The same, of which these parts of the result are known only after `address` was applied.
    pub fn partly(self, parts: &[&str], address: &Address) -> Self {
        if parts.is_empty() {
            return self;
        }
        Self {
            ended: Ended::Unknown(address.clone()),
            later: Some(Arc::new(Later::parts(parts.iter().copied(), address))),
            ..self
        }
    }

    /// Whether it changed something.
    pub fn changed(&self) -> bool {
        self.result.get("changed") == Some(&Value::Bool(true))
    }
}

/// What a loop registers from what its items did.
pub fn loop_result(items: Vec<TaskResult>) -> TaskResult {
    let changed = items.iter().any(TaskResult::changed);
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
    let first_skip = items.iter().find_map(|item| match &item.ended {
        Ended::Skipped(why) => Some(why.clone()),
        _ => None,
    });
    let made = items.iter().any(|item| item.made);
    let later = unknown
        .as_ref()
        .map(|address| Arc::new(parts(&items, changed, failed.is_some(), address)));
    let parts = items.iter().enumerate();
    let secrecy = Secrecy::of_parts(parts.map(|(at, item)| (at.to_string(), item.secrecy.clone())));
    let results = items
        .into_iter()
        .map(|item| Value::Object(item.result))
        .collect();
    let mut result = Map::new();
    result.insert("results".into(), Value::Array(results));
    result.insert("changed".into(), Value::Bool(changed));
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
    let secrecy = Secrecy::of_parts([("results".to_owned(), secrecy)]);
    TaskResult {
        result,
        ended,
        later,
        made,
        secrecy,
    }
}

/// What of a loop's result is known only later: that of its items, and what is said of them together.
fn parts(items: &[TaskResult], changed: bool, failed: bool, address: &Address) -> Later {
    let mut results = BTreeMap::new();
    let mut whole = false;
    for (index, item) in items.iter().enumerate() {
        if let Some(later) = &item.later {
            results.insert(index.to_string(), later.clone());
            whole |= matches!(**later, Later::Whole(_));
        }
    }
    let open = |item: &TaskResult| {
        let changed = item.later.as_ref().and_then(|later| later.part("changed"));
        changed.is_some()
    };
    let mut names = Vec::new();
    // What one item did, the loop did.
    if !failed {
        names.extend(["failed", "msg"]);
    }
    if !changed && items.iter().any(open) {
        names.push("changed");
    }
    if whole {
        names.push("skipped");
    }
    let Later::Parts(mut parts) = Later::parts(names, address) else {
        return Later::Whole(address.clone());
    };
    parts.insert("results".into(), Arc::new(Later::Parts(results)));
    Later::Parts(parts)
}
