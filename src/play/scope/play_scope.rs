//! A play as its tasks see it: its variables, and its handlers.

use std::sync::Arc;

use crate::{
    model::{
        Map,
        playbook::{Step, Task},
    },
    play::scope::inherited::Inherited,
};

/// A play as its tasks see it.
#[derive(Debug, Default)]
pub struct PlayScope {
    /// The play's name.
    pub name: String,
    /// `vars`.
    pub vars: Map,
    /// What `vars_files` hold, the last one winning.
    pub files: Map,
    /// Its handlers in the order they are defined.
    pub handlers: Vec<Handler>,
}

impl PlayScope {
    /// The handler of that name, and those that listen to it, of each name one. Of several with one name Ansible takes
    /// the first of a list of tasks, and of several lists (a block makes a new one) the last.
    pub fn answering(&self, name: &str) -> Vec<usize> {
        let names = self.handlers.iter();
        let names: Vec<&str> = names.map(|one| one.task.common.name.as_str()).collect();
        self.answering_as(name, &names)
    }

    /// The same where the handlers have these names, one each in their order.
    pub fn answering_as(&self, name: &str, names: &[impl AsRef<str>]) -> Vec<usize> {
        let handlers = &self.handlers;
        let mut order: Vec<usize> = (0..handlers.len()).collect();
        order.sort_by_key(|index| (std::cmp::Reverse(handlers[*index].list), *index));
        let of = |index: &usize| names[*index].as_ref();
        let named = order
            .iter()
            .find(|index| !name.is_empty() && of(index) == name);
        let mut found: Vec<usize> = named.copied().into_iter().collect();
        let mut seen = Vec::new();
        for index in &order {
            let own = of(index);
            if handlers[*index].listens(name) && (own.is_empty() || !seen.contains(&own)) {
                seen.push(own);
                found.push(*index);
            }
        }
        found
    }
}

/// A handler with what it inherits.
#[derive(Debug, Clone)]
pub struct Handler {
    pub task: Arc<Task>,
    pub frame: Arc<Inherited>,
    /// Which list of tasks it stands in: the play's own, up to the first block, is 0.
    list: usize,
}

impl Handler {
    fn listens(&self, name: &str) -> bool {
        self.task.listen.iter().any(|topic| topic == name)
    }

    /// What the host remembers it by.
    pub fn key(&self) -> &str {
        match (self.task.common.name.as_str(), self.task.listen.first()) {
            ("", Some(topic)) => topic,
            (name, _) => name,
        }
    }
}

/// The handlers of a play, blocks taken apart.
pub fn handlers(steps: &[Step], frame: &Inherited) -> Vec<Handler> {
    let mut found = Vec::new();
    let mut list = 0;
    add(steps, frame, &mut list, &mut found);
    found
}

fn add(steps: &[Step], frame: &Inherited, list: &mut usize, found: &mut Vec<Handler>) {
    for step in steps {
        match step {
            Step::Task(task) => found.push(Handler {
                task: task.clone(),
                frame: Arc::new(frame.clone()),
                list: *list,
            }),
            Step::Block(block) => {
                *list += 1;
                add(&block.steps, &frame.in_block(block), list, found);
                *list += 1;
            }
        }
    }
}
