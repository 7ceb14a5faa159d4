//! What is done at the moment: one item of a task, with all that is known of it.

use crate::{
    model::{Map, playbook::Task},
    play::scope::{inherited::Inherited, task_keywords::TaskKeywords, task_scope::TaskScope},
};

/// One item of a task under way; of a task without a loop, the task itself.
pub struct TaskItem<'a> {
    pub task: &'a Task,
    /// What it inherits, its own words among it.
    pub frame: &'a Inherited,
    /// What stands around it.
    pub around: &'a Inherited,
    /// The loop's variables.
    pub items: Map,
    /// The task's name, rendered.
    pub name: String,
    /// The item's label.
    pub item: Option<String>,
    /// What templates see.
    pub scope: TaskScope,
    /// Who runs it, and how.
    pub keywords: TaskKeywords,
    /// Which try it is, of a task that is tried until something holds.
    pub tries: Option<u64>,
}

impl TaskItem<'_> {
    /// The task's name with its item, as events say it.
    pub fn title(&self) -> String {
        match &self.item {
            Some(item) => format!("{} (item={item})", self.name),
            None => self.name.clone(),
        }
    }
}
