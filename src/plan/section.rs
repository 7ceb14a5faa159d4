//! What was decided over one node, as plans show it.

use serde::Serialize;

use crate::model::{Address, Redactor, Verdict};
use crate::play::TaskVerdict;

/// What was decided over one node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// The node.
    pub address: Address,
    /// The verdict over it; over a host's node, whether any of its tasks changes something.
    pub verdict: Verdict,
    /// The verdicts over a host's tasks, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskVerdict>,
}

impl Section {
    /// A node with this verdict, of which nothing is to be remembered.
    pub fn of(address: &Address, verdict: Verdict) -> Self {
        Self {
            address: address.clone(),
            verdict,
            tasks: Vec::new(),
        }
    }

    /// A node about which nothing can be decided before that other one was applied.
    pub fn unknown(address: &Address, after: Address) -> Self {
        Self::of(address, Verdict::Unknown(after))
    }

    /// The same without the environment's secrets in what it shows.
    pub fn hiding(mut self, redactor: &Redactor) -> Self {
        self.verdict = redactor.verdict(self.verdict);
        for task in &mut self.tasks {
            task.verdict = redactor.verdict(task.verdict.clone());
            task.name = redactor.text(&task.name);
            task.item = task.item.as_deref().map(|item| redactor.text(item));
        }
        self
    }

    /// How many things it changes: tasks of a host, or the thing itself.
    pub fn changes(&self) -> usize {
        match &self.verdict {
            _ if !self.tasks.is_empty() => self
                .tasks
                .iter()
                .filter(|task| matches!(task.verdict, Verdict::Change(_)))
                .count(),
            Verdict::Change(change) => usize::from(!change.is_none()),
            Verdict::Unchanged | Verdict::Run(_) | Verdict::Skipped(_) | Verdict::Unknown(_) => 0,
        }
    }

    /// Whether nothing in it changes and nothing in it is unknown.
    pub fn is_empty(&self) -> bool {
        let settled = |verdict: &Verdict| match verdict {
            Verdict::Unchanged | Verdict::Run(_) | Verdict::Skipped(_) => true,
            Verdict::Change(change) => change.is_none(),
            Verdict::Unknown(_) => false,
        };
        // Of a task whose details are hidden a change shows no actions.
        let changes = |task: &TaskVerdict| matches!(task.verdict, Verdict::Change(_));
        let holds = |task| !changes(task) && settled(&task.verdict);
        settled(&self.verdict) && self.tasks.iter().all(holds)
    }
}
