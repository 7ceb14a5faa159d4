//! The way through a playbook, its blocks, imports and includes, on which every task is looked at once.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use crate::{
    model::{
        Failure, Located, Value,
        playbook::{Common, Play, Playbook, Step, Task},
    },
    play::{
        check::{
            examiner::Examiner,
            findings::Examined,
            include_keywords::{brings_tasks, unheeded_keyword},
            names::{handler_names, missing_handlers, unknown_arguments, unknown_lookup},
            reachability::Reachability,
        },
        control::module_names::{is_known, is_known_elsewhere, unknown_module},
        files::{
            library::Library,
            task_files::{MOST_TASKS, TaskFiles, named, not_itself, too_many},
        },
    },
};

/// Everything that is wrong with what a run of a playbook surely comes to, as far as it can be seen without a host:
/// modules, arguments, look-ups and handlers that are not there, and included files that are missing.
///
/// Names with templates are judged when the playbook is walked.
pub fn check(playbook: &Playbook, library: &Arc<dyn Library>) -> Vec<Failure> {
    all(playbook, library, None).wrong
}

/// Everything that is wrong with a playbook, its task files and its templates, as far as it can be seen without a host.
pub fn examine(playbook: &Playbook, library: &Arc<dyn Library>) -> Examined {
    let examiner = Examiner::new(playbook.base.clone());
    all(playbook, library, Some(&examiner))
}

/// What is wrong with what a run comes to, surely and perhaps, and what an examiner finds.
fn all(playbook: &Playbook, library: &Arc<dyn Library>, examiner: Option<&Examiner>) -> Examined {
    let files = TaskFiles::new(playbook.base.clone(), library.clone());
    let mut found = Examined::default();
    for play in &playbook.plays {
        Checking {
            files: &files,
            handlers: handler_names(&files, play),
            included: HashSet::new(),
            imported: HashMap::new(),
            said_too_many: false,
            rings: 0,
            examiner,
            found: &mut found,
        }
        .play(play);
    }
    found
}

/// How often it is told that files import each other in a ring.
const MOST_RINGS: usize = 100;

struct Checking<'a> {
    files: &'a TaskFiles,
    /// The names that `notify` may use; none where they are known only later.
    handlers: Option<BTreeSet<String>>,
    /// The files that were looked into because they are included, and how surely a run comes to that.
    included: HashSet<(String, Reachability)>,
    /// How many tasks each file comes to that was looked into because it is imported, and how surely a run reads it and
    /// comes to it.
    imported: HashMap<(String, Reachability, Reachability), usize>,
    /// Whether it was said that there are too many.
    said_too_many: bool,
    /// How often a file was found to import itself, or not to be there.
    rings: usize,
    /// Looks closer at each task.
    examiner: Option<&'a Examiner>,
    found: &'a mut Examined,
}

/// Where steps stand.
#[derive(Clone, Copy)]
struct Position<'a> {
    /// The folder of their file.
    folder: &'a str,
    /// The files around them that import one another.
    open: &'a [String],
    /// Whether a run reads them, and whether it comes to them.
    read: Reachability,
    reached: Reachability,
}

fn flushes(task: &Task) -> bool {
    let word = task.args.get("_raw_params").and_then(Value::as_str);
    task.module == "meta" && word == Some("flush_handlers")
}

impl Checking<'_> {
    /// How many mistakes were found so far.
    fn told(&self) -> usize {
        self.found.wrong.len()
    }

    fn play(&mut self, play: &Play) {
        if let Some(examiner) = self.examiner {
            examiner.play(play, &mut self.found.wrong);
        }
        let position = Position {
            folder: "",
            open: &[],
            read: Reachability::Surely,
            reached: Reachability::Surely,
        };
        for steps in play.sections.iter().chain([&play.handlers]) {
            self.steps(steps, position);
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
            self.found.add(Reachability::Surely, [failure]);
        }
    }

    /// Steps, and to how many tasks they come.
    fn steps(&mut self, steps: &[Step], position: Position<'_>) -> usize {
        let mut count: usize = 0;
        for step in steps {
            match step {
                Step::Task(task) => {
                    count = count.saturating_add(self.task(task, position));
                    if count > MOST_TASKS && !std::mem::replace(&mut self.said_too_many, true) {
                        let file = named(task).and_then(Value::as_str).unwrap_or_default();
                        let many = too_many(file, &task.args_at);
                        self.found.add(position.read, [many]);
                    }
                }
                Step::Block(block) => {
                    let reached = self.common(&block.common, position);
                    let within = Position {
                        reached,
                        ..position
                    };
                    self.handlers_of(&block.notify, reached);
                    for steps in [&block.steps, &block.rescue, &block.always] {
                        count = count.saturating_add(self.steps(steps, within));
                    }
                }
            }
        }
        count
    }

    /// What tasks and blocks have in common, and whether a run comes to what it is said of.
    fn common(&mut self, common: &Common, position: Position<'_>) -> Reachability {
        let reached = position.reached.below(common);
        if let Some(examiner) = self.examiner {
            let mut wrong = Vec::new();
            examiner.conditions("when", &common.when, &mut wrong);
            self.found.add(position.reached, std::mem::take(&mut wrong));
            examiner.common(common, &mut wrong);
            self.found.add(reached, wrong);
        }
        reached
    }

    /// One task, and to how many it comes.
    fn task(&mut self, task: &Task, position: Position<'_>) -> usize {
        let reached = self.common(&task.common, position);
        if !is_known(&task.module) {
            let refused = if is_known_elsewhere(task) {
                reached
            } else {
                position.read
            };
            self.found.add(refused, [unknown_module(task, self.told())]);
            return 1;
        }
        let import = brings_tasks(task);
        let unknown = unknown_arguments(task, self.told());
        let known = unknown.is_empty();
        let heeded = import.map_or(reached, |_| position.read);
        self.found.add(heeded, unknown);
        let lookup = unknown_lookup(task, self.told());
        self.found.add(position.read, lookup);
        if let Some(examiner) = self.examiner {
            let mut wrong = Vec::new();
            examiner.task(task, position.folder, known, &mut wrong);
            self.found.add(reached, wrong);
        }
        self.handlers_of(&task.notify, reached);
        if let Some(import) = import {
            self.found
                .add(position.read, unheeded_keyword(task, import));
            return self.file(
                task,
                import,
                Position {
                    reached,
                    ..position
                },
            );
        }
        1
    }

    /// Whether there are the handlers that are notified.
    fn handlers_of(&mut self, notify: &[Located<Value>], reached: Reachability) {
        for notified in notify {
            let told = self.told();
            let missing = self.handlers.as_ref();
            let missing = missing.map(|known| missing_handlers(notified, known, told));
            self.found.add(reached, missing.into_iter().flatten());
        }
    }

    /// The file that a task imports or includes, and to how many tasks the task comes with it. Each is looked into once:
    /// what is wrong with it is so each time, and one that is included may include itself.
    fn file(&mut self, task: &Task, import: bool, position: Position<'_>) -> usize {
        let name = match named(task) {
            Some(Value::String(name)) if !name.contains("{{") => name,
            _ => return 1,
        };
        // An import is read with the playbook, an include when a run comes to it.
        let read = if import {
            position.read
        } else {
            position.read.max(position.reached)
        };
        let at = &task.args_at;
        let found = self.files.find(name, position.folder, at).and_then(|file| {
            if import {
                not_itself(&file, position.open, at)?;
            }
            Ok(file)
        });
        let file = match found {
            Ok(file) => file,
            Err(failure) => {
                self.rings += 1;
                self.found.add(read, [failure]);
                return 1;
            }
        };
        let key = (file.path.clone(), read, position.reached);
        if let Some(count) = self.imported.get(&key).filter(|_| import) {
            return *count;
        }
        let open = if import {
            [position.open, std::slice::from_ref(&file.path)].concat()
        } else if self.included.insert((file.path.clone(), position.reached)) {
            // Each way to come to it may be surer than the last.
            vec![file.path]
        } else {
            return 1;
        };
        let position = Position {
            folder: &file.folder,
            open: &open,
            read,
            reached: position.reached,
        };
        let before = self.rings;
        let count = self.steps(&file.steps, position);
        if !import {
            return 1;
        }
        // In a ring it is told of each import that closes it, while they are few.
        if self.rings == before || self.rings > MOST_RINGS {
            self.imported.insert(key, count);
        }
        count
    }
}
