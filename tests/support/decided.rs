//! Decisions told by files: what is declared, what every question is answered with, and what must follow.

use std::sync::Mutex;

use async_trait::async_trait;
use landfall::model::{Answer, Failure, Probe, Query, Value};
use serde_json::json;

/// Answers what a file answers, and nothing else.
pub struct Script {
    seen: Vec<(Query, Answer)>,
    asked: Mutex<Vec<bool>>,
}

impl Script {
    /// Answers these questions.
    pub fn new(seen: Vec<(Query, Answer)>) -> Self {
        let asked = Mutex::new(vec![false; seen.len()]);
        Self { seen, asked }
    }

    /// Refuses answers that nobody asked for.
    pub fn all_asked(self) -> Result<(), String> {
        let asked = self.asked.into_inner().unwrap();
        match asked.iter().position(|asked| !asked) {
            None => Ok(()),
            Some(index) => Err(format!("never asked {}", json!(self.seen[index].0))),
        }
    }
}

#[async_trait]
impl Probe for Script {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        let found = self.seen.iter().position(|(ask, _)| ask == query);
        let index = found.ok_or_else(|| Failure::bug(format!("{} was asked", json!(query))))?;
        self.asked.lock().unwrap()[index] = true;
        Ok(self.seen[index].1.clone())
    }
}

/// Both, where they differ.
pub fn same(what: &str, got: &Value, wanted: &Value) -> Result<(), String> {
    if got == wanted {
        Ok(())
    } else {
        Err(format!("{what}\n got    {got:#}\n wanted {wanted:#}"))
    }
}
