//! What can be known to be wrong with a playbook before anything is asked or done.

pub mod examine;
mod misplaced;
mod reached;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use crate::{
    model::{
        Failure, Located, Value,
        meant::nearest,
        playbook::{Common, Play, Playbook, Step, Task},
    },
    play::{
        check::{
            examine::{Examined, Examiner},
            misplaced::{brings_tasks, misplaced},
            reached::Reached,
        },
        control::known::{arguments, is_known, is_known_elsewhere, unknown_module},
        files::{
            library::Library,
            task_files::{MOST_TASKS, TaskFiles, expanded, named, not_itself, too_many},
        },
        scope::loop_items::LOOKUPS,
    },
};

/// Everything that is wrong with what a run of a playbook surely comes to, as far as it can be seen without a host:
/// modules, arguments, look-ups and handlers that are not there, and included files that are missing.
///
/// Names with templates are judged when the playbook is walked.
pub fn check(playbook: &Playbook, library: &Arc<dyn Library>) -> Vec<Failure> {
    all(playbook, library, None).wrong
}

/// The same with what a run may come to, and what an examiner finds.
pub fn all(
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
            imported: HashMap::new(),
            told: false,
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
    included: HashSet<(String, Reached)>,
    /// How many tasks each file comes to that was looked into because it is imported, and how surely a run reads it and
    /// comes to it.
    imported: HashMap<(String, Reached, Reached), usize>,
    /// Whether it was said that there are too many.
    told: bool,
    /// How often a file was found to import itself, or not to be there.
    rings: usize,
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
fn handler_names(files: &TaskFiles, play: &Play) -> Option<BTreeSet<String>> {
    let steps = expanded(files, &play.handlers, "", &[]).ok()?;
    let mut names = BTreeSet::new();
    for handler in crate::play::scope::play_scope::handlers(
        &steps,
        &crate::play::scope::inherited::Inherited::default(),
    ) {
        let task = &handler.task;
        if task.common.name.contains("{{") || task.module.starts_with("include") {
            return None;
        }
        names.insert(task.common.name.clone());
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

    /// Steps, and to how many tasks they come.
    fn steps(&mut self, steps: &[Step], place: Place<'_>) -> usize {
        let mut count: usize = 0;
        for step in steps {
            match step {
                Step::Task(task) => {
                    count = count.saturating_add(self.task(task, place));
                    if count > MOST_TASKS && !std::mem::replace(&mut self.told, true) {
                        let file = named(task).and_then(Value::as_str).unwrap_or_default();
                        let many = too_many(file, &task.args_at);
                        self.found.add(place.read, [many]);
                    }
                }
                Step::Block(block) => {
                    let reached = self.common(&block.common, place);
                    let within = Place { reached, ..place };
                    for steps in [&block.steps, &block.rescue, &block.always] {
                        count = count.saturating_add(self.steps(steps, within));
                    }
                }
            }
        }
        count
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

    /// One task, and to how many it comes.
    fn task(&mut self, task: &Task, place: Place<'_>) -> usize {
        let reached = self.common(&task.common, place);
        if !is_known(&task.module) {
            let refused = match is_known_elsewhere(task) {
                true => reached,
                false => place.read,
            };
            self.found
                .add(refused, [unknown_module(task, self.found.wrong.len())]);
            return 1;
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
            return self.file(task, import, Place { reached, ..place });
        }
        1
    }

    /// The file that a task imports or includes, and to how many tasks the task comes with it. Each is looked into once:
    /// what is wrong with it is so each time, and one that is included may include itself.
    fn file(&mut self, task: &Task, import: bool, place: Place<'_>) -> usize {
        let name = match named(task) {
            Some(Value::String(name)) if !name.contains("{{") => name,
            _ => return 1,
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
            Err(failure) => {
                self.rings += 1;
                self.found.add(read, [failure]);
                return 1;
            }
        };
        let once = (file.path.clone(), read, place.reached);
        if let Some(count) = self.imported.get(&once).filter(|_| import) {
            return *count;
        }
        let open = match import {
            true => [place.open, std::slice::from_ref(&file.path)].concat(),
            // Each way to come to it may be surer than the last.
            false if self.included.insert((file.path.clone(), place.reached)) => vec![file.path],
            false => return 1,
        };
        let place = Place {
            folder: &file.folder,
            open: &open,
            read,
            reached: place.reached,
        };
        let before = self.rings;
        let count = self.steps(&file.steps, place);
        if !import {
            return 1;
        }
        // In a ring it is told of each import that closes it, while they are few.
        if self.rings == before || self.rings > MOST_RINGS {
            self.imported.insert(once, count);
        }
        count
    }

    fn arguments(&self, task: &Task) -> Vec<Failure> {
        let Some(known) = arguments(&task.module) else {
            return Vec::new();
        };
        let told = self.found.wrong.len();
        let unknown = |name: &&String| !known.contains(&name.as_str()) && !name.contains("{{");
        let failure = |name: &String| {
            let failure = Failure::new(
                "an unknown argument",
                format!("`{}` has no argument `{name}`.", task.module),
            )
            .at(&task.args_at);
            match nearest(name, known.iter().copied(), told) {
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
        Some(
            match nearest(
                &repeat.lookup,
                LOOKUPS.iter().copied(),
                self.found.wrong.len(),
            ) {
                Some(near) => failure.help(format!("Did you mean `with_{near}`?")),
                None => failure.help("Use `loop` with a list."),
            },
        )
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
        let missing = |name: &&str| !name.contains("{{") && !known.contains(*name);
        let told = self.found.wrong.len();
        let failure = |name: &str| {
            let failure = Failure::new(
                "a handler that is not there",
                format!("`notify` names `{name}`, but no handler of the play has that name or listens to it."),
            )
            .at(&written.at);
            match nearest(name, known.iter().map(String::as_str), told) {
                Some(near) => failure.help(format!("Did you mean `{near}`?")),
                None => failure,
            }
        };
        names.into_iter().filter(missing).map(failure).collect()
    }
}
