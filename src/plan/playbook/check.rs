//! What can be known to be wrong with a playbook before anything is asked or done.

use std::{collections::HashSet, sync::Arc};

use super::{
    examine::Examiner,
    items::LOOKUPS,
    known::{arguments, is_known, nearest, unknown_module},
    library::Library,
    misplaced::{brings_tasks, misplaced},
    task_files::{TaskFiles, expanded, named, not_itself},
};
use crate::model::{
    Failure, Located, Value,
    playbook::{Play, Playbook, Step, Task},
};

/// Everything that is wrong with a playbook and the files it imports, as far as it can be seen without a host:
/// modules, arguments, look-ups and handlers that are not there, and included files that are missing.
///
/// Names with templates are judged when the playbook is walked.
pub fn check(playbook: &Playbook, library: &Arc<dyn Library>) -> Vec<Failure> {
    all(playbook, library, None)
}

/// The same, and what an examiner finds.
pub(super) fn all(
    playbook: &Playbook,
    library: &Arc<dyn Library>,
    examiner: Option<&Examiner>,
) -> Vec<Failure> {
    let files = TaskFiles::new(playbook.base.clone(), library.clone());
    let mut wrong = Vec::new();
    for play in &playbook.plays {
        Checking {
            files: &files,
            handlers: handler_names(&files, play),
            included: HashSet::new(),
            examiner,
            wrong: &mut wrong,
        }
        .play(play);
    }
    wrong
}

struct Checking<'a> {
    files: &'a TaskFiles,
    /// The names that `notify` may use; none where they are known only later.
    handlers: Option<Vec<String>>,
    /// The files that were looked into because they are included.
    included: HashSet<String>,
    /// Looks closer at each task.
    examiner: Option<&'a Examiner>,
    wrong: &'a mut Vec<Failure>,
}

/// Everything that handlers of the play answer to; none when there is an include or a template among them.
fn handler_names(files: &TaskFiles, play: &Play) -> Option<Vec<String>> {
    let steps = expanded(files, &play.handlers, "", &[]).ok()?;
    let mut names = Vec::new();
    for handler in super::handlers::handlers(&steps, &super::frame::Frame::default()) {
        let task = &handler.task;
        if task.common.name.contains("{{") || task.module.starts_with("include") {
            return None;
        }
        names.push(task.common.name.clone());
        names.extend(task.listen.iter().cloned());
    }
    Some(names)
}

fn flushes(task: &Task) -> bool {
    let word = task.args.get("_raw_params").and_then(Value::as_str);
    task.module == "meta" && word == Some("flush_handlers")
}

impl Checking<'_> {
    fn play(&mut self, play: &Play) {
        if let Some(examiner) = self.examiner {
            examiner.play(play, self.wrong);
        }
        for steps in play.sections.iter().chain([&play.handlers]) {
            self.steps(steps, "", &[]);
        }
        self.no_handlers(&play.handlers, false);
    }

    /// What Ansible does not take as a handler: a block within a block, and `flush_handlers`.
    fn no_handlers(&mut self, steps: &[Step], within: bool) {
        for step in steps {
            let (what, at) = match step {
                Step::Block(block) if !within => {
                    self.no_handlers(&block.steps, true);
                    continue;
                }
                Step::Block(block) => ("A block within a block", &block.common.at),
                Step::Task(task) if flushes(task) => ("`flush_handlers`", &task.common.at),
                Step::Task(_) => continue,
            };
            let what = format!("{what} cannot be used as a handler.");
            self.wrong
                .push(Failure::new("this is no handler", what).at(at));
        }
    }

    /// Steps that stand in this folder, within these files that import one another.
    fn steps(&mut self, steps: &[Step], folder: &str, open: &[String]) {
        for step in steps {
            match step {
                Step::Task(task) => self.task(task, folder, open),
                Step::Block(block) => {
                    if let Some(examiner) = self.examiner {
                        examiner.common(&block.common, self.wrong);
                    }
                    for steps in [&block.steps, &block.rescue, &block.always] {
                        self.steps(steps, folder, open);
                    }
                }
            }
        }
    }

    fn task(&mut self, task: &Task, folder: &str, open: &[String]) {
        if !is_known(&task.module) {
            self.wrong.push(unknown_module(task));
            return;
        }
        let before = self.wrong.len();
        self.arguments(task);
        self.lookup(task);
        if let Some(examiner) = self.examiner {
            let known = self.wrong.len() == before;
            examiner.task(task, folder, known, self.wrong);
        }
        for notified in &task.notify {
            self.notified(notified);
        }
        if let Some(import) = brings_tasks(task) {
            self.wrong.extend(misplaced(task, import));
            if let Err(failure) = self.file(task, import, folder, open) {
                self.wrong.push(failure);
            }
        }
    }

    /// The file that a task imports or includes. Each that is included is looked into once: it may include itself.
    fn file(
        &mut self,
        task: &Task,
        import: bool,
        folder: &str,
        open: &[String],
    ) -> Result<(), Failure> {
        let name = match named(task) {
            Some(Value::String(name)) if !name.contains("{{") => name,
            _ => return Ok(()),
        };
        let file = self.files.find(name, folder, &task.args_at)?;
        if import {
            not_itself(&file, open, &task.args_at)?;
            let open = [open, std::slice::from_ref(&file.path)].concat();
            self.steps(&file.steps, &file.folder, &open);
        } else if self.included.insert(file.path.clone()) {
            self.steps(&file.steps, &file.folder, &[file.path]);
        }
        Ok(())
    }

    fn arguments(&mut self, task: &Task) {
        let Some(known) = arguments(&task.module) else {
            return;
        };
        for name in task.args.keys() {
            if known.contains(&name.as_str()) || name.contains("{{") {
                continue;
            }
            let failure = Failure::new(
                "an unknown argument",
                format!("`{}` has no argument `{name}`.", task.module),
            )
            .at(&task.args_at);
            self.wrong.push(match nearest(name, known.iter().copied()) {
                Some(near) => failure.help(format!("Did you mean `{near}`?")),
                None => failure.help(format!("It takes {}.", known.join(", "))),
            });
        }
    }

    fn lookup(&mut self, task: &Task) {
        let Some(repeat) = &task.r#loop else { return };
        if LOOKUPS.contains(&repeat.lookup.as_str()) {
            return;
        }
        let failure = Failure::new(
            "an unknown loop",
            format!("There is no `with_{}`.", repeat.lookup),
        )
        .at(&repeat.items.at);
        self.wrong
            .push(match nearest(&repeat.lookup, LOOKUPS.iter().copied()) {
                Some(near) => failure.help(format!("Did you mean `with_{near}`?")),
                None => failure.help("Use `loop` with a list."),
            });
    }

    fn notified(&mut self, written: &Located<Value>) {
        let Some(known) = &self.handlers else { return };
        let names: Vec<&str> = match &written.value {
            Value::String(name) => vec![name],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => return,
        };
        for name in names {
            if name.contains("{{") || known.iter().any(|known| known == name) {
                continue;
            }
            let failure = Failure::new(
                "a handler that is not there",
                format!("`notify` names `{name}`, but no handler of the play has that name or listens to it."),
            )
            .at(&written.at);
            self.wrong
                .push(match nearest(name, known.iter().map(String::as_str)) {
                    Some(near) => failure.help(format!("Did you mean `{near}`?")),
                    None => failure,
                });
        }
    }
}
