//! What can be known to be wrong with a playbook before anything is asked or done.

use std::{collections::HashSet, sync::Arc};

use super::{
    examine::{Examined, Examiner},
    items::LOOKUPS,
    known::{arguments, is_known, is_known_elsewhere, nearest, unknown_module},
    library::Library,
    misplaced::{brings_tasks, misplaced},
    reached::Reached,
    task_files::{TaskFiles, expanded, named, not_itself},
};
use crate::model::{
    Failure, Located, Value,
    playbook::{Common, Play, Playbook, Step, Task},
};

/// Everything that is wrong with what a run of a playbook surely comes to, as far as it can be seen without a host:
/// modules, arguments, look-ups and handlers that are not there, and included files that are missing.
///
/// Names with templates are judged when the playbook is walked.
pub fn check(playbook: &Playbook, library: &Arc<dyn Library>) -> Vec<Failure> {
    all(playbook, library, None).wrong
}

/// The same with what a run may come to, and what an examiner finds.
pub(super) fn all(
    playbook: &Playbook,
    library: &Arc<dyn Library>,
    examiner: Option<&Examiner>,
) -> Examined {
    let files = TaskFiles::new(playbook.base.clone(), library.clone());
    let mut found = Examined::default();
    for play in &playbook.plays {
        Checking {
            files: &files,
            handlers: handler_names(&files, play),
            included: HashSet::new(),
            examiner,
            found: &mut found,
        }
        .play(play);
    }
    found
}

struct Checking<'a> {
    files: &'a TaskFiles,
    /// The names that `notify` may use; none where they are known only later.
    handlers: Option<Vec<String>>,
    /// The files that were looked into because they are included, and how surely a run comes to that.
    included: HashSet<(String, Reached)>,
    /// Looks closer at each task.
    examiner: Option<&'a Examiner>,
    found: &'a mut Examined,
}

/// Where steps stand.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The folder of their file.
    folder: &'a str,
    /// The files around them that import one another.
    open: &'a [String],
    /// Whether a run reads them, and whether it comes to them.
    read: Reached,
    reached: Reached,
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
            examiner.play(play, &mut self.found.wrong);
        }
        let place = Place {
            folder: "",
            open: &[],
            read: Reached::Surely,
            reached: Reached::Surely,
        };
        for steps in play.sections.iter().chain([&play.handlers]) {
            self.steps(steps, place);
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
            let failure = Failure::new("this is no handler", what).at(at);
            self.found.add(Reached::Surely, [failure]);
        }
    }

    fn steps(&mut self, steps: &[Step], place: Place<'_>) {
        for step in steps {
            match step {
                Step::Task(task) => self.task(task, place),
                Step::Block(block) => {
                    let reached = self.common(&block.common, place);
                    let within = Place { reached, ..place };
                    for steps in [&block.steps, &block.rescue, &block.always] {
                        self.steps(steps, within);
                    }
                }
            }
        }
    }

    /// What tasks and blocks have in common, and whether a run comes to what it is said of.
    fn common(&mut self, common: &Common, place: Place<'_>) -> Reached {
        let reached = place.reached.below(common);
        if let Some(examiner) = self.examiner {
            let mut wrong = Vec::new();
            examiner.conditions("when", &common.when, &mut wrong);
            self.found.add(place.reached, std::mem::take(&mut wrong));
            examiner.common(common, &mut wrong);
            self.found.add(reached, wrong);
        }
        reached
    }

    fn task(&mut self, task: &Task, place: Place<'_>) {
        let reached = self.common(&task.common, place);
        if !is_known(&task.module) {
            let refused = match is_known_elsewhere(task) {
                true => reached,
                false => place.read,
            };
            self.found.add(refused, [unknown_module(task)]);
            return;
        }
        let import = brings_tasks(task);
        let unknown = self.arguments(task);
        let known = unknown.is_empty();
        let heeded = import.map_or(reached, |_| place.read);
        self.found.add(heeded, unknown);
        self.found.add(place.read, self.lookup(task));
        if let Some(examiner) = self.examiner {
            let mut wrong = Vec::new();
            examiner.task(task, place.folder, known, &mut wrong);
            self.found.add(reached, wrong);
        }
        for notified in &task.notify {
            self.found.add(reached, self.notified(notified));
        }
        if let Some(import) = import {
            self.found.add(place.read, misplaced(task, import));
            self.file(task, import, Place { reached, ..place });
        }
    }

    /// The file that a task imports or includes. Each that is included is looked into once: it may include itself.
    fn file(&mut self, task: &Task, import: bool, place: Place<'_>) {
        let name = match named(task) {
            Some(Value::String(name)) if !name.contains("{{") => name,
            _ => return,
        };
        // An import is read with the playbook, an include when a run comes to it.
        let read = match import {
            true => place.read,
            false => place.read.max(place.reached),
        };
        let at = &task.args_at;
        let found = self.files.find(name, place.folder, at).and_then(|file| {
            if import {
                not_itself(&file, place.open, at)?;
            }
            Ok(file)
        });
        let file = match found {
            Ok(file) => file,
            Err(failure) => return self.found.add(read, [failure]),
        };
        let open = match import {
            true => [place.open, std::slice::from_ref(&file.path)].concat(),
            // Each way to come to it may be surer than the last.
            false if self.included.insert((file.path.clone(), place.reached)) => vec![file.path],
            false => return,
        };
        let place = Place {
            folder: &file.folder,
            open: &open,
            read,
            reached: place.reached,
        };
        self.steps(&file.steps, place);
    }

    fn arguments(&self, task: &Task) -> Vec<Failure> {
        let Some(known) = arguments(&task.module) else {
            return Vec::new();
        };
        let unknown = |name: &&String| !known.contains(&name.as_str()) && !name.contains("{{");
        let failure = |name: &String| {
            let failure = Failure::new(
                "an unknown argument",
                format!("`{}` has no argument `{name}`.", task.module),
            )
            .at(&task.args_at);
            match nearest(name, known.iter().copied()) {
                Some(near) => failure.help(format!("Did you mean `{near}`?")),
                None => failure.help(format!("It takes {}.", known.join(", "))),
            }
        };
        task.args.keys().filter(unknown).map(failure).collect()
    }

    fn lookup(&self, task: &Task) -> Option<Failure> {
        let repeat = task.r#loop.as_ref()?;
        if LOOKUPS.contains(&repeat.lookup.as_str()) {
            return None;
        }
        let failure = Failure::new(
            "an unknown loop",
            format!("There is no `with_{}`.", repeat.lookup),
        )
        .at(&repeat.items.at);
        Some(match nearest(&repeat.lookup, LOOKUPS.iter().copied()) {
            Some(near) => failure.help(format!("Did you mean `with_{near}`?")),
            None => failure.help("Use `loop` with a list."),
        })
    }

    fn notified(&self, written: &Located<Value>) -> Vec<Failure> {
        let Some(known) = &self.handlers else {
            return Vec::new();
        };
        let names: Vec<&str> = match &written.value {
            Value::String(name) => vec![name],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let missing =
            |name: &&str| !name.contains("{{") && !known.iter().any(|known| known == name);
        let failure = |name: &str| {
            let failure = Failure::new(
                "a handler that is not there",
                format!("`notify` names `{name}`, but no handler of the play has that name or listens to it."),
            )
            .at(&written.at);
            match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => failure.help(format!("Did you mean `{near}`?")),
                None => failure,
            }
        };
        names.into_iter().filter(missing).map(failure).collect()
    }
}
