//! Task files that are imported and included, each read once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    model::{
        Failure, Origin, Value,
        playbook::{Base, Block, Step, Task},
    },
    play::files::library::Library,
    vars::Files,
};

/// The task files of a playbook.
pub struct TaskFiles {
    base: Base,
    library: Arc<dyn Library>,
    read: Mutex<HashMap<String, Option<Arc<[Step]>>>>,
}

/// A task file that was found.
#[derive(Clone)]
pub struct TaskFile {
    /// Its steps.
    pub steps: Arc<[Step]>,
    /// The folder it lies in, relative to the playbook's.
    pub folder: String,
    /// Where it was found.
    pub path: String,
}

impl TaskFiles {
    /// The files beside this base, read by this library.
    pub fn new(base: Base, library: Arc<dyn Library>) -> Self {
        Self {
            base,
            library,
            read: Mutex::default(),
        }
    }

    /// The file of this name, looked for beside the file that names it, then beside the playbook.
    pub fn find(&self, name: &str, folder: &str, at: &Origin) -> Result<TaskFile, Failure> {
        let mut candidates = Vec::new();
        match Files::absolute(name) {
            Some(path) => candidates.push(path),
            None => {
                if !folder.is_empty() {
                    candidates.push(format!("{folder}/{name}"));
                }
                candidates.extend([name.to_owned(), format!("tasks/{name}")]);
            }
        }
        for path in &candidates {
            if let Some(steps) = self.read(path).map_err(|failure| failure.at(at))? {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                return Ok(TaskFile {
                    steps,
                    folder: folder.to_owned(),
                    path: path.clone(),
                });
            }
        }
        Err(Failure::new(
            "an included file is not there",
            format!(
                "The task includes `{name}`, which was looked for as {}.",
                candidates.join(", ")
            ),
        )
        .at(at))
    }

    fn read(&self, path: &str) -> Result<Option<Arc<[Step]>>, Failure> {
        let remembered = self
            .read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(path)
            .cloned();
        if let Some(found) = remembered {
            return Ok(found);
        }
        let found: Option<Arc<[Step]>> = self.library.tasks(&self.base, path)?.map(Into::into);
        self.read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.to_owned(), found.clone());
        Ok(found)
    }
}

/// The file that an import or include names, as it is written.
pub fn named(task: &Task) -> Option<&Value> {
    ["file", "_raw_params"]
        .iter()
        .find_map(|key| task.args.get(*key))
}

/// How many tasks a playbook may come to, with those of the files that it imports and includes, each as often as it does:
/// far more than any playbook seen.
pub const MOST_TASKS: usize = 100_000;
/// How deep imports may lie in each other.
const DEEPEST: usize = 100;

/// That a playbook comes to more tasks than it may with this file.
pub fn too_many(file: &str, at: &Origin) -> Failure {
    Failure::new(
        "a playbook has too many tasks",
        format!("With `{file}` it comes to more than {MOST_TASKS} tasks."),
    )
    .why("each import and include of a file counts its tasks again")
    .help("Import each file once, or let a loop within a task do what is repeated.")
    .at(at)
}

/// Where a step is written.
pub fn place(step: &Step) -> &Origin {
    match step {
        Step::Task(task) => &task.common.at,
        Step::Block(block) => &block.common.at,
    }
}

/// Refuses a file among those that are being imported already: it would never end.
pub fn not_itself(file: &TaskFile, open: &[String], at: &Origin) -> Result<(), Failure> {
    if open.len() >= DEEPEST {
        return Err(Failure::new(
            "imports lie too deep in each other",
            format!("`{}` is imported more than {DEEPEST} deep.", file.path),
        )
        .at(at));
    }
    if !open.contains(&file.path) {
        return Ok(());
    }
    Err(Failure::new(
        "a file imports itself",
        format!("`{}` is imported from within itself.", file.path),
    )
    .help("Use `include_tasks` with a condition that ends it.")
    .at(at))
}

/// The steps with imports among them replaced by blocks that hold the imported steps; `open` are the files that are
/// being imported.
pub fn expanded(
    files: &TaskFiles,
    steps: &[Step],
    folder: &str,
    open: &[String],
) -> Result<Vec<Step>, Failure> {
    expand(files, steps, folder, open, &mut 0)
}

fn expand(
    files: &TaskFiles,
    steps: &[Step],
    folder: &str,
    open: &[String],
    count: &mut usize,
) -> Result<Vec<Step>, Failure> {
    let mut all = Vec::new();
    for step in steps {
        *count += 1;
        if *count > MOST_TASKS {
            let file = open.last().map_or("", String::as_str);
            return Err(too_many(file, place(step)));
        }
        match step {
            Step::Task(task) if task.module == "import_tasks" => {
                let Some(Value::String(name)) = named(task) else {
                    all.push(step.clone());
                    continue;
                };
                let file = files.find(name, folder, &task.common.at)?;
                not_itself(&file, open, &task.common.at)?;
                let open = [open, std::slice::from_ref(&file.path)].concat();
                all.push(Step::Block(Arc::new(Block {
                    common: task.common.clone(),
                    notify: Vec::new(),
                    steps: expand(files, &file.steps, &file.folder, &open, count)?,
                    rescue: Vec::new(),
                    always: Vec::new(),
                })));
            }
            Step::Block(block) => all.push(Step::Block(Arc::new(Block {
                common: block.common.clone(),
                notify: block.notify.clone(),
                steps: expand(files, &block.steps, folder, open, count)?,
                rescue: expand(files, &block.rescue, folder, open, count)?,
                always: expand(files, &block.always, folder, open, count)?,
            }))),
            Step::Task(_) => all.push(step.clone()),
        }
    }
    Ok(all)
}
