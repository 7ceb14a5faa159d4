//! What a walk knows so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{
    model::{Action, Address, Map, Query, Value},
    observe::touched,
};

/// What a walk knows so far. A look ahead works on a copy of it.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// Gathered facts, under their names without `ansible_`.
    pub facts: Arc<Map>,
    /// What `include_vars` brought.
    pub included: Map,
    /// What tasks set and registered; the last one wins.
    pub known: Map,
    /// Names that tasks will set or register once they really run.
    pub unknown: BTreeMap<String, Address>,
    /// Handlers that will run at the next flush, by their place in the play.
    pub pending: BTreeSet<usize>,
    /// Handlers that the host itself remembers as notified.
    pub noted: BTreeSet<String>,
    /// Those of them that only the task under way noted, which may turn out to need none.
    pub doubtful: Vec<String>,
    /// What was only supposed, so that what the host says may be out of date.
    pub supposed: Vec<Action>,
    /// Whether something that was only supposed was registered, so that parts of it may be missing.
    pub guessed: bool,
    /// Whether anything was done since facts were gathered.
    pub acted: bool,
    /// How many tasks were walked, each item counted.
    pub tasks: usize,
    /// How many changes were decided on.
    pub changes: usize,
    /// How many changes were really made, and did not fail.
    pub made: usize,
    /// How many tasks could not be decided.
    pub undecided: usize,
}

impl State {
    /// Sets a variable as `set_fact` and `register` do.
    pub fn set(&mut self, name: &str, value: Value) {
        self.clear(name);
        self.known.insert(name.to_owned(), value);
    }

    /// Says that a variable will be set once `address` was applied.
    pub fn set_unknown(&mut self, name: &str, address: &Address) {
        self.clear(name);
        self.unknown.insert(name.to_owned(), address.clone());
    }

    /// Says what is known already of a result that will be there once `address` was applied.
    pub fn set_partly(&mut self, name: &str, result: Map, address: &Address) {
        self.clear(name);
        for part in LATER {
            if part == "failed" || !result.contains_key(part) {
                self.unknown
                    .insert(format!("{name}.{part}"), address.clone());
            }
        }
        self.known.insert(name.to_owned(), Value::Object(result));
    }

    fn clear(&mut self, name: &str) {
        self.known.shift_remove(name);
        self.unknown
            .retain(|path, _| path.split('.').next() != Some(name));
    }

    /// Whether a supposed change would alter the answer to one of these questions.
    pub fn stale(&self, asked: &[Query]) -> bool {
        asked
            .iter()
            .any(|query| self.supposed.iter().any(|action| touched(action, query)))
    }

    /// Adds facts that a module gathered.
    pub fn add_facts(&mut self, facts: &Map) {
        let mut all = (*self.facts).clone();
        for (name, value) in facts {
            let name = name.strip_prefix("ansible_").unwrap_or(name);
            all.insert(name.to_owned(), value.clone());
        }
        self.facts = Arc::new(all);
    }
}

/// What a task registers that only its command itself can say.
const LATER: [&str; 11] = [
    "rc",
    "stdout",
    "stdout_lines",
    "stderr",
    "stderr_lines",
    "start",
    "end",
    "delta",
    "failed",
    "results",
    "attempts",
];
