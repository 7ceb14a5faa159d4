//! What a walk knows so far.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    model::{Address, Map, Value, host::Noted},
    play::foreseen::Foreseen,
    vars::{Later, Secrecy, Secrets},
};

/// What a walk knows so far. A look ahead works on a copy of it.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Gathered facts, under their names without `ansible_`.
    pub facts: Arc<Map>,
    /// What `include_vars` brought.
    pub included: Map,
    /// What tasks set and registered; the last one wins.
    pub known: Map,
    /// What of that is secret.
    pub secret: Secrets,
    /// What of the loop variables around the walk is secret.
    pub loops: Secrets,
    /// What of the last failed task's result is secret.
    pub failed: Secrecy,
    /// What of the names that tasks set or register is known only once they really run.
    pub unknown: BTreeMap<String, Arc<Later>>,
    /// Handlers that will run at the next flush, by their place in the play.
    pub pending: BTreeSet<usize>,
    /// Handlers that may be notified by what a plan does not know, by their place in the play.
    pub perhaps: BTreeSet<usize>,
    /// Whether handlers are being run.
    pub flushing: bool,
    /// Handlers that the host itself remembers as notified, and in whose memory.
    pub noted: BTreeMap<String, BTreeSet<String>>,
    /// The handlers that a run which was cut left notified, as far as the play under way has none of their names yet.
    pub leftover_handlers: Vec<Noted>,
    /// The users of the host whose memory of notified handlers is known.
    pub known_memories: BTreeSet<String>,
    /// The users as whom the host was asked for such memories.
    pub asked_memories: BTreeSet<String>,
    /// Handlers that the host remembers for the task under way alone, which may turn out not to notify them.
    pub doubtful: Vec<String>,
    /// What was only supposed, so that what the host says may be out of date.
    pub foreseen: Arc<Foreseen>,
    /// The packages that supposed changes install.
    pub coming: BTreeSet<String>,
    /// Whether something that was only supposed was registered, so that parts of it may be missing.
    pub guessed: bool,
    /// Whether anything was done since facts were gathered.
    pub acted: bool,
    /// How many tasks were walked, each item counted.
    pub tasks: usize,
    /// How many changes were decided on.
    pub changes: usize,
    /// How many changes were really made, those of tasks among them that failed half-way.
    pub made: usize,
    /// Whether a failure was struck out by `clear_host_errors`.
    pub cleared: bool,
    /// How many tasks could not be decided.
    pub undecided: usize,
}

impl State {
    /// Sets a variable as `set_fact` and `register` do.
    pub fn set(&mut self, name: &str, value: Value, secrecy: Secrecy) {
        self.clear(name);
        self.hold(name, secrecy);
        self.known.insert(name.to_owned(), value);
    }

    /// Says that a variable will be set once `address` was applied.
    pub fn set_unknown(&mut self, name: &str, address: &Address) {
        self.clear(name);
        let later = Later::Whole(address.clone());
        self.unknown.insert(name.to_owned(), Arc::new(later));
    }

    /// Sets a variable of which this is known only later.
    pub fn set_partly(&mut self, name: &str, value: Value, later: &Arc<Later>, secrecy: Secrecy) {
        self.clear(name);
        self.hold(name, secrecy);
        if !matches!(**later, Later::Whole(_)) {
            self.known.insert(name.to_owned(), value);
        }
        self.unknown.insert(name.to_owned(), later.clone());
    }

    fn hold(&mut self, name: &str, secrecy: Secrecy) {
        if !secrecy.is_open() {
            self.secret.insert(name.to_owned(), secrecy);
        }
    }

    fn clear(&mut self, name: &str) {
        self.secret.remove(name);
        self.known.shift_remove(name);
        self.unknown.remove(name);
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
