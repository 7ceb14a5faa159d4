//! The last line of a plan: how many of each.

use super::paint::Paint;
use crate::model::{Change, Effect};

/// How many of each a plan holds.
#[derive(Default)]
pub(super) struct Count {
    pub create: usize,
    pub change: usize,
    pub replace: usize,
    pub adopt: usize,
    pub delete: usize,
    pub run: usize,
    /// Tasks that run something and count as no change.
    pub aside: usize,
    pub tasks: usize,
    pub hosts: usize,
    pub unknown: usize,
    pub undecided: usize,
    pub left_out: usize,
}

impl Count {
    /// Counts a node that changes.
    pub fn node(&mut self, change: &Change) {
        if change.is_none() {
            return;
        }
        match change.effect {
            Effect::Create => self.create += 1,
            Effect::Update => self.change += 1,
            Effect::Replace => self.replace += 1,
            Effect::Adopt => self.adopt += 1,
            Effect::Delete => self.delete += 1,
            Effect::Run => self.run += 1,
        }
    }

    /// The last line of a plan; `nothing` is what is said where nothing differs.
    pub fn line(&self, nothing: &str, paint: Paint) -> String {
        let seldom = [
            (self.replace, "to replace"),
            (self.adopt, "to take over"),
            (self.run, "to run"),
        ];
        let changes = self.create + self.change + self.delete + self.tasks;
        let none = changes == 0 && seldom.iter().all(|(number, _)| *number == 0);
        if none && self.unknown == 0 && self.undecided == 0 && self.left_out > 0 {
            let rest = format!("Nothing to do, except for the {} left out.", self.left_out);
            return paint.strong(rest);
        }
        if none && self.unknown == 0 && self.undecided == 0 {
            return paint.added(match self.aside {
                0 => nothing.to_owned(),
                1 => {
                    format!(
                        "{nothing} 1 task runs something all the same, which counts as no change."
                    )
                }
                many => format!(
                    "{nothing} {many} tasks run something all the same, which counts as no change."
                ),
            });
        }
        let mut line = format!(
            "{} {} to create, {} to change, {} to delete",
            paint.strong("Plan:"),
            self.create,
            self.change,
            self.delete
        );
        for (number, what) in seldom {
            if number > 0 {
                line.push_str(&format!(", {number} {what}"));
            }
        }
        if self.tasks > 0 {
            let s = |number: usize| if number == 1 { "" } else { "s" };
            let (tasks, hosts) = (self.tasks, self.hosts);
            line.push_str(&format!(
                ", {tasks} task{} on {hosts} host{}",
                s(tasks),
                s(hosts)
            ));
        }
        if self.unknown > 0 {
            line.push_str(&format!("; {} unknown until apply", self.unknown));
        }
        if self.left_out > 0 {
            line.push_str(&format!("; {} left out", self.left_out));
        }
        if self.undecided > 0 {
            let rest = format!("; incomplete, for {} could not be decided", self.undecided);
            line.push_str(&paint.removed(rest));
        }
        line + "."
    }
}
