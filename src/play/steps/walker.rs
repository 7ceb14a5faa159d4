//! Walking steps: lists, blocks, and what inherits what.

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};

use crate::{
    model::{
        Failure, Map, Value, Verdict,
        playbook::{Block, Step, Task},
    },
    play::{
        files::task_files::{MOST_TASKS, TaskFile, named, not_itself, place, too_many},
        result::flow::{CutBlock, Flow, Stop},
        run::Run,
        scope::{inherited::Inherited, unresolved::Unresolved},
        steps::stack_growth::GrowingStack,
    },
    vars::Secrecy,
};

/// A walk under way.
pub struct Walker {
    /// The playbook under way, as its tasks see it.
    pub run: Run,
    /// What is still to be walked of the lists we are in, outermost first.
    pub rest: Vec<Rest>,
    /// Sections that come after the one we are in.
    pub later: Vec<Arc<[Step]>>,
    /// Where a `meta` task or an include sent us.
    pub flow: Flow,
    /// How many tasks and blocks were come to.
    pub entered: usize,
}

/// A list of steps and how far it was walked.
#[derive(Clone)]
pub struct Rest {
    pub list: Arc<[Step]>,
    pub next: usize,
    pub frame: Arc<Inherited>,
}

impl Walker {
    /// Nothing was walked yet.
    pub fn new(run: Run) -> Self {
        Self {
            run,
            rest: Vec::new(),
            later: Vec::new(),
            flow: Flow::Go,
            entered: 0,
        }
    }

    /// Walks a list of steps, until one fails or leaves the play.
    pub fn steps(
        &mut self,
        list: Arc<[Step]>,
        frame: Arc<Inherited>,
    ) -> BoxFuture<'_, Result<Flow, Stop>> {
        self.steps_from(Rest {
            list,
            next: 0,
            frame,
        })
    }

    /// Walks what is left of a list.
    pub fn steps_from(&mut self, rest: Rest) -> BoxFuture<'_, Result<Flow, Stop>> {
        let walked = async move {
            let depth = self.rest.len();
            self.rest.push(rest);
            let mut flow = Ok(Flow::Go);
            while let (Ok(Flow::Go), Some((step, frame))) = (&flow, self.current(depth)) {
                if self.run.far_enough() {
                    flow = Ok(Flow::EndHost);
                    break;
                }
                self.look_ahead_when_due().await;
                self.rest[depth].next += 1;
                flow = self.step(&step, frame).await;
            }
            self.rest.truncate(depth);
            flow
        };
        GrowingStack(walked.boxed()).boxed()
    }

    fn current(&self, depth: usize) -> Option<(Step, Arc<Inherited>)> {
        let rest = self.rest.get(depth)?;
        Some((rest.list.get(rest.next)?.clone(), rest.frame.clone()))
    }

    async fn step(&mut self, step: &Step, frame: Arc<Inherited>) -> Result<Flow, Stop> {
        if let Some(end) = self.endless(step, &frame) {
            return end;
        }
        match step {
            Step::Task(task) if task.module == "import_tasks" => self.import(task, &frame).await,
            Step::Task(task) => self.task(task, &frame).await,
            Step::Block(block) => self.block(block, &frame).await,
        }
    }

    /// The end of a walk that goes on and on: imports and includes of each other double what there is to walk, and those
    /// without a task of their own ask nobody whether to go on.
    fn endless(&mut self, step: &Step, frame: &Inherited) -> Option<Result<Flow, Stop>> {
        self.entered += 1;
        let at = place(step);
        // A look ahead has no use for so much.
        let most = match self.run.ahead {
            Some(_) => MOST_TASKS / 10,
            None => MOST_TASKS,
        };
        let failure = if self.entered > most {
            let file = frame.open.last().unwrap_or(&self.run.walk.playbook.name);
            too_many(file, at)
        } else {
            self.run.interrupted()?
        };
        Some(match (self.run.ahead.is_some(), step) {
            (true, _) => Ok(Flow::EndHost),
            (false, Step::Task(task)) => Err(Stop::of(task.module.clone(), failure)),
            (false, Step::Block(_)) => Err(Stop::of("block", failure)),
        })
    }

    /// A file whose tasks stand where the import stands: its words, conditions and tags among them, are spoken of each.
    async fn import(&mut self, task: &Task, around: &Inherited) -> Result<Flow, Stop> {
        let mut frame = around.under(&task.common);
        let file = self.imported(task, &frame);
        match file {
            Ok(file) => {
                frame.folder = file.folder;
                frame.open.push(file.path);
                self.steps(file.steps, Arc::new(frame)).await
            }
            Err(_) if self.run.ahead.is_some() => Ok(Flow::Go),
            Err(failure) => Err(Stop::of("import_tasks", failure.at(&task.common.at))),
        }
    }

    fn imported(&mut self, task: &Task, frame: &Inherited) -> Result<TaskFile, Failure> {
        let at = &task.args_at;
        let Some(written) = named(task) else {
            return Err(Failure::new(
                "a module's arguments are wrong",
                "An import needs the name of a file.",
            ));
        };
        let name = match self
            .run
            .scopes
            .task_scope(frame, &Map::new())
            .text(written, at)
        {
            Ok(name) => name,
            Err(Unresolved::Failed(failure)) => return Err(failure),
            Err(Unresolved::Unknown(address)) => {
                return Err(Failure::new(
                    "the name of an imported file is not known yet",
                    format!("It depends on {address}, which was not applied yet."),
                )
                .help("Use `include_tasks`, which is decided while the playbook runs."));
            }
        };
        let file = self.run.files.find(&name, &frame.folder, at)?;
        not_itself(&file, &frame.open, at)?;
        Ok(file)
    }

    async fn block(&mut self, block: &Block, frame: &Inherited) -> Result<Flow, Stop> {
        let inner = Arc::new(frame.in_block(block));
        let before = self.run.recorder.verdicts.len();
        let always: Arc<[Step]> = block.always.clone().into();
        self.rest.push(Rest {
            list: always.clone(),
            next: 0,
            frame: inner.clone(),
        });
        let mut ended = self.steps(block.steps.clone().into(), inner.clone()).await;
        if let Err(stop) = &ended
            && stop.tolerable()
            && !block.rescue.is_empty()
        {
            self.go_on_after(stop).await?;
            let result = Value::Object((*stop.result).clone());
            let secrecy = std::mem::take(&mut self.run.scopes.state.failed);
            self.run
                .scopes
                .state
                .set("ansible_failed_result", result, secrecy);
            let task = serde_json::json!({ "name": stop.given });
            self.run
                .scopes
                .state
                .set("ansible_failed_task", task, Secrecy::Open);
            ended = self.steps(block.rescue.clone().into(), inner.clone()).await;
            if let Err(stop) = &mut ended {
                stop.rescued = true;
            }
            self.run
                .scopes
                .state
                .known
                .shift_remove("ansible_failed_result");
            self.run
                .scopes
                .state
                .known
                .shift_remove("ansible_failed_task");
        }
        self.rest.pop();
        let ended = match ended {
            Err(stop) if !stop.tolerable() => return Err(self.cut(block, before, stop)),
            Ok(Flow::EndPlay | Flow::EndHost) => return ended,
            other => other,
        };
        self.run.scopes.state.cleared = false;
        match (ended, self.steps(always, inner).await) {
            (Err(stop), Ok(flow)) if self.run.scopes.state.cleared => {
                self.go_on_after(&stop).await?;
                Ok(flow)
            }
            (Err(stop), Ok(_)) | (_, Err(stop)) => Err(stop),
            (Ok(_), Ok(flow)) => Ok(flow),
        }
    }

    /// The stop of a block that is left half done, with what was done in it. Of blocks in each other the outermost tells it,
    /// for what prepared the inner one stands around it.
    fn cut(&self, block: &Block, before: usize, stop: Stop) -> Stop {
        let done: Vec<String> = self
            .run
            .recorder
            .verdicts
            .iter()
            .skip(before)
            .filter(|task| matches!(task.verdict, Verdict::Change(_)))
            .map(|task| task.name.clone())
            .collect();
        if done.is_empty() {
            return stop;
        }
        let name = block.common.name.clone();
        Stop {
            cut: Some(Box::new(CutBlock { name, done })),
            ..stop
        }
    }
}
