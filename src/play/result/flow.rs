//! What ends a list of steps: a task that failed, or where the walk is sent.

use crate::model::{Class, Failure, Map, playbook::Task};

/// A failed task on its way up, until a `rescue` takes it.
#[derive(Debug, Clone)]
pub struct Stop {
    /// The task's name.
    pub task: String,
    /// The name it was given; empty when it was given none: `ansible_failed_task.name`.
    pub given: String,
    /// What it would have registered: `ansible_failed_result`.
    pub result: Box<Map>,
    /// Handlers that the host remembers because of it, unless the failure is tolerated.
    pub noted: Vec<String>,
    /// Whether the task had changed the host before it failed.
    pub made: bool,
    /// Whether it failed in a `rescue`, which may have taken back what its block had done.
    pub rescued: bool,
    /// The block that it left half done: neither `rescue` nor `always` run where the host is gone or we were asked to end.
    pub cut: Option<Box<CutBlock>>,
    /// Why.
    pub failure: Failure,
}

/// A block that was left half done, because the host is gone or somebody asked us to end.
#[derive(Debug, Clone)]
pub struct CutBlock {
    /// Its name; empty where it has none.
    pub name: String,
    /// The names of its tasks that changed something, in their order.
    pub done: Vec<String>,
}

impl CutBlock {
    /// A sentence about it: what the tasks are called says what waits on the host.
    pub fn said(&self) -> String {
        // Of a long list its end is what the reader is at.
        const MOST: usize = 5;
        let block = match self.name.as_str() {
            "" => "a block".to_owned(),
            name => format!("the block \"{name}\""),
        };
        let more = self.done.len().saturating_sub(MOST);
        let named: Vec<String> = self.done[more..]
            .iter()
            .map(|task| format!("\"{task}\""))
            .collect();
        let before = match more {
            0 => String::new(),
            more => format!("{more} more, then "),
        };
        format!(
            "It was cut within {block}, of which these are done: {before}{}.",
            named.join(", ")
        )
    }
}

impl Stop {
    /// Something that is no task of the playbook's failed.
    pub fn of(task: impl Into<String>, failure: Failure) -> Self {
        Self {
            task: task.into(),
            given: String::new(),
            result: Box::default(),
            noted: Vec::new(),
            made: false,
            rescued: false,
            cut: None,
            failure,
        }
    }

    /// This task failed, which is called by this name and would have registered this.
    pub fn in_task(task: &Task, name: &str, result: Map, failure: Failure) -> Self {
        Self {
            task: name.to_owned(),
            given: if task.common.name.is_empty() {
                String::new()
            } else {
                name.to_owned()
            },
            result: Box::new(result),
            noted: Vec::new(),
            made: false,
            rescued: false,
            cut: None,
            failure: in_task(failure, name, None).at(&task.common.at),
        }
    }

    /// Whether a `rescue` or `ignore_errors` may take it: the host answers and nobody asked us to end.
    pub fn tolerable(&self) -> bool {
        tolerable(&self.failure)
    }
}

/// Whether the playbook may go on after this failure where it says so.
pub fn tolerable(failure: &Failure) -> bool {
    !matches!(failure.class, Class::Interrupted | Class::Unreachable)
}

/// Where the walk goes after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// On.
    Go,
    /// To the next play.
    EndPlay,
    /// Nowhere.
    EndHost,
}

/// The same failure, with the task that met it, unless it is named already.
pub fn in_task(failure: Failure, task: &str, item: Option<&str>) -> Failure {
    let task = match item {
        Some(item) => format!("Task \"{task}\", item {item}."),
        None => format!("Task \"{task}\"."),
    };
    if failure.what.starts_with("Task \"") {
        return failure;
    }
    let what = if failure.what.is_empty() {
        task
    } else {
        format!("{task} {}", failure.what)
    };
    let mut named = Failure::new(failure.summary, what)
        .class(failure.class)
        .why_of(&failure)
        .left_behind(failure.left_behind.clone())
        .help(failure.help.clone());
    if let Some(at) = &failure.at {
        named = named.at(at);
    }
    named
}
