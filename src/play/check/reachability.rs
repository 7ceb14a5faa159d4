//! Whether a run reaches a step at all, as far as it can be seen before a host is asked.
//!
//! Ansible says what is wrong with a task when it comes to it, and passes over one that is skipped, however wrong it is:
//! playbooks for several families of hosts rely on that. So what a run surely comes to is refused before anything is
//! done, what it may come to only when it does, and what it never comes to not at all. What Ansible itself must know to
//! read the playbook (that there is such a module, which words an import takes) is refused wherever it reads it.

use crate::model::{Value, playbook::Common};

/// How sure it is that a run comes to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reachability {
    /// Unless something before it fails.
    Surely,
    /// A condition decides it.
    Perhaps,
    /// A condition says no as it is written.
    Never,
}

impl Reachability {
    /// A step with these words among others that are reached so.
    pub fn below(self, common: &Common) -> Self {
        let never = common.when.iter().any(|one| is_false(&one.value))
            || common.tags.iter().any(|tag| tag == "never");
        let own = match (never, common.when.is_empty()) {
            (true, _) => Self::Never,
            (false, false) => Self::Perhaps,
            (false, true) => Self::Surely,
        };
        self.max(own)
    }
}

fn is_false(condition: &Value) -> bool {
    match condition {
        Value::Bool(value) => !value,
        Value::String(text) => ["false", "False"].contains(&text.trim()),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}
