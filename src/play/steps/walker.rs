//! Walking steps: lists, blocks, and what inherits what.

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};

use crate::play::files::task_files::MOST_TASKS;
use crate::play::files::task_files::TaskFile;
use crate::play::files::task_files::TaskFiles;
use crate::play::files::task_files::named;
use crate::play::files::task_files::not_itself;
use crate::play::files::task_files::place;
use crate::play::files::task_files::too_many;
use crate::play::result::flow::Flow;
use crate::play::result::flow::Lack;
use crate::play::result::flow::Stop;
use crate::play::result::recorder::TaskVerdict;
use crate::play::scope::inherited::Inherited;
use crate::play::scope::state::State;
use crate::play::steps::ahead::Ahead;
use crate::play::steps::deep::Deep;
use crate::play::steps::handlers::Handler;
use crate::play::walk::Walk;
use crate::{
    model::{
        Class, Event, Failure, Map, Value,
        playbook::{Block, Step, Task},
    },
    observe::Remembered,
    vars::{Scope, Secrecy},
};

/// A walk under way.
pub struct Walker {
    pub walk: Arc<Walk>,
    pub world: Remembered,
    pub files: Arc<TaskFiles>,
    /// The play that is being walked.
    pub stage: Arc<PlayScope>,
    pub state: State,
    /// What is still to be walked of the lists we are in, outermost first.
    pub rest: Vec<Rest>,
    /// Sections that come after the one we are in.
    pub later: Vec<Arc<[Step]>>,
    pub verdicts: Vec<TaskVerdict>,
    /// Where a `meta` task or an include sent us.
    pub flow: Flow,
    /// Set in a look ahead, which tells nobody and does nothing.
    pub ahead: Option<Ahead>,
    /// How far was looked ahead, and how far the next look goes.
    pub looked: usize,
    pub reach: usize,
    /// Facts, play variables and what lies below them, and the facts they were made with.
    pub base: Option<(Arc<Map>, Scope)>,
    /// How many tasks and blocks were come to.
    pub entered: usize,
}

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

/// A list of steps and how far it was walked.
#[derive(Clone)]
pub struct Rest {
    pub list: Arc<[Step]>,
    pub next: usize,
    pub frame: Arc<Inherited>,
}

impl Walker {
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
                if self.far_enough() {
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
        Deep(walked.boxed()).boxed()
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
        let most = match self.ahead {
            Some(_) => MOST_TASKS / 10,
            None => MOST_TASKS,
        };
        let failure = match self.entered > most {
            true => {
                let file = frame.open.last().unwrap_or(&self.walk.playbook.name);
                too_many(file, at)
            }
            false => self.interrupted()?,
        };
        Some(match (self.ahead.is_some(), step) {
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
            Err(_) if self.ahead.is_some() => Ok(Flow::Go),
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
        let name = match self.view(frame, &Map::new()).text(written, at) {
            Ok(name) => name,
            Err(Lack::Failed(failure)) => return Err(failure),
            Err(Lack::Unknown(address)) => {
                return Err(Failure::new(
                    "the name of an imported file is not known yet",
                    format!("It depends on {address}, which was not applied yet."),
                )
                .help("Use `include_tasks`, which is decided while the playbook runs."));
            }
        };
        let file = self.files.find(&name, &frame.folder, at)?;
        not_itself(&file, &frame.open, at)?;
        Ok(file)
    }

    async fn block(&mut self, block: &Block, frame: &Inherited) -> Result<Flow, Stop> {
        let inner = Arc::new(frame.under(&block.common));
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
            self.tolerated(stop).await?;
            let result = Value::Object((*stop.result).clone());
            let secrecy = std::mem::take(&mut self.state.failed);
            self.state.set("ansible_failed_result", result, secrecy);
            let task = serde_json::json!({ "name": stop.given });
            self.state.set("ansible_failed_task", task, Secrecy::Open);
            ended = self.steps(block.rescue.clone().into(), inner.clone()).await;
            self.state.known.shift_remove("ansible_failed_result");
            self.state.known.shift_remove("ansible_failed_task");
        }
        self.rest.pop();
        match &ended {
            Err(stop) if !stop.tolerable() => return ended,
            Ok(Flow::EndPlay | Flow::EndHost) => return ended,
            _ => {}
        }
        self.state.cleared = false;
        match (ended, self.steps(always, inner).await) {
            (Err(stop), Ok(flow)) if self.state.cleared => {
                self.tolerated(&stop).await?;
                Ok(flow)
            }
            (Err(stop), Ok(_)) | (_, Err(stop)) => Err(stop),
            (Ok(_), Ok(flow)) => Ok(flow),
        }
    }

    /// Tells what happened, unless this is only a look ahead.
    pub fn tell(&self, event: impl FnOnce(&crate::model::Address) -> Event) {
        if self.ahead.is_none() {
            self.walk.events.send(event(&self.walk.address));
        }
    }

    /// Says a line about the host, unless this is only a look ahead.
    pub fn say(&self, line: impl AsRef<str>) {
        if self.ahead.is_none() {
            self.walk.events.progress(&self.walk.address).say(line);
        }
    }

    /// Whether nothing is really done.
    pub fn supposes(&self) -> bool {
        self.ahead.is_some() || self.walk.executor.supposes()
    }

    /// The failure of having been asked to end, if we were.
    pub fn interrupted(&self) -> Option<Failure> {
        self.walk.stop.is_cancelled().then(|| {
            Failure::new(
                "interrupted",
                "The playbook was ended on request between two tasks.",
            )
            .class(Class::Interrupted)
            .help("Run it again: what is done already is left alone.")
        })
    }
}
