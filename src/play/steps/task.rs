//! One task: its name, its loop, what it registers, and what its failure means.

use std::{sync::Arc, time::Duration};

use crate::model::{
    Event, Failure, Map, Value, Verdict,
    playbook::{Loop, Task},
};
use crate::play::result::flow::Flow;
use crate::play::result::flow::Lack;
use crate::play::result::flow::Stop;
use crate::play::result::flow::in_task;
use crate::play::result::flow::tolerable;
use crate::play::result::task_result::Ended;
use crate::play::result::task_result::TaskResult;
use crate::play::result::task_result::together;
use crate::play::scope::inherited::Inherited;
use crate::play::scope::settings::Settings;
use crate::play::scope::task_scope::TaskScope;
use crate::play::steps::item::hidden;
use crate::play::steps::walker::Walker;
use crate::vars::Secrecy;

/// One item of a task under way; of a task without a loop, the task itself.
pub struct Doing<'a> {
    pub task: &'a Task,
    /// What it inherits, its own words among it.
    pub frame: &'a Inherited,
    /// What stands around it.
    pub around: &'a Inherited,
    /// The loop's variables.
    pub items: Map,
    /// The task's name, rendered.
    pub name: String,
    /// The item's label.
    pub item: Option<String>,
    /// What templates see.
    pub scope: TaskScope,
    /// Who runs it, and how.
    pub settings: Settings,
}

impl Doing<'_> {
    /// The task's name with its item, as events say it.
    pub fn title(&self) -> String {
        match &self.item {
            Some(item) => format!("{} (item={item})", self.name),
            None => self.name.clone(),
        }
    }
}

impl Walker {
    /// Walks one task.
    pub async fn task(&mut self, task: &Arc<Task>, around: &Inherited) -> Result<Flow, Stop> {
        let frame = around.under(&task.common);
        if !self.walk.tags.let_run(&frame.tags) {
            return Ok(Flow::Go);
        }
        let name = self.name(task, &frame);
        if let Some(failure) = self.interrupted() {
            return Err(self.stop(task, &name, Map::new(), failure));
        }
        let taken = match &task.r#loop {
            None => {
                self.once(task, [around, &frame], &name, Map::new(), None)
                    .await?
            }
            Some(repeat) => self.each(task, [around, &frame], &name, repeat).await?,
        };
        let taken = self.certain(taken);
        self.register(task, &taken);
        let noted = std::mem::take(&mut self.state.doubtful);
        match taken.ended {
            Ended::Failed(failure) => {
                self.state.failed = taken.secrecy;
                let stop = Stop {
                    noted,
                    made: taken.made,
                    ..self.stop(task, &name, taken.result, failure)
                };
                self.tolerate(&frame, stop).await?;
            }
            _ => self
                .forget_unneeded(noted)
                .await
                .map_err(|failure| self.stop(task, &name, Map::new(), failure))?,
        }
        Ok(std::mem::replace(&mut self.flow, Flow::Go))
    }

    /// The name a reader sees: rendered where that is possible already.
    pub fn name(&mut self, task: &Task, frame: &Inherited) -> String {
        if task.common.name.is_empty() {
            return task.module.clone();
        }
        self.view(frame, &Map::new())
            .title(&Value::String(task.common.name.clone()), &task.common.at)
            .unwrap_or_else(|| task.common.name.clone())
    }

    async fn each(
        &mut self,
        task: &Arc<Task>,
        [around, frame]: [&Inherited; 2],
        name: &str,
        repeat: &Loop,
    ) -> Result<TaskResult, Stop> {
        let (items, secrecy) = match self.items(frame, repeat) {
            Ok(items) => items,
            Err(lack) => return Ok(self.without_items(task, frame, name, lack)),
        };
        if items.is_empty() {
            return Ok(self.no_items(task, frame, name));
        }
        let (variable, index_variable) = match self.names(frame, repeat) {
            Ok(names) => names,
            Err(lack) => return Ok(self.without_items(task, frame, name, lack)),
        };
        // A look ahead that never ends is no help to the first task.
        let most = if self.ahead.is_some() {
            100
        } else {
            usize::MAX
        };
        let mut taken = Vec::new();
        let outer = self.state.loops.get(&repeat.variable).cloned();
        for (index, item) in items.into_iter().enumerate().take(most) {
            if index > 0 {
                self.pause(frame, repeat).await;
            }
            let mut loop_vars = Map::new();
            loop_vars.insert(variable.clone(), item.clone());
            loop_vars.insert("ansible_loop_var".into(), variable.clone().into());
            if let Some(variable) = &index_variable {
                loop_vars.insert(variable.clone(), index.into());
                loop_vars.insert("ansible_index_var".into(), variable.clone().into());
            }
            let secret = secrecy.part(&index.to_string());
            let loops = &mut self.state.loops;
            loops.insert(repeat.variable.clone(), secret.clone());
            let label = self.label(frame, repeat, &loop_vars, (index, &item, &secret));
            let mut one = self
                .once(task, [around, frame], name, loop_vars.clone(), Some(label))
                .await?;
            one.result.extend(loop_vars);
            one.secrecy = one.secrecy.with(&repeat.variable, secret);
            let over = matches!(&one.ended, Ended::Failed(failure) if !tolerable(failure));
            taken.push(one);
            if over || self.flow != Flow::Go || self.far_enough() {
                break;
            }
            if let Some(failure) = self.interrupted() {
                return Err(self.stop(task, name, Map::new(), failure));
            }
        }
        self.state
            .loops
            .insert(repeat.variable.clone(), outer.unwrap_or_default());
        Ok(together(taken))
    }

    /// The names of the loop's variables, which may be written as templates.
    fn names(
        &mut self,
        frame: &Inherited,
        repeat: &Loop,
    ) -> Result<(String, Option<String>), Lack> {
        let view = self.view(frame, &Map::new());
        let at = &repeat.items.at;
        let name = |written: &String| view.text(&Value::String(written.clone()), at);
        let index = repeat.index.as_ref().map(name).transpose()?;
        Ok((name(&repeat.variable)?, index))
    }

    fn no_items(&mut self, task: &Task, frame: &Inherited, name: &str) -> TaskResult {
        let why = "No items in the list";
        let doing = self.whole(task, frame, name);
        self.decided(&doing, Verdict::Skipped(why.into()));
        together(Vec::new())
    }

    /// A loop as one thing, before its items are there.
    pub fn whole<'a>(&mut self, task: &'a Task, frame: &'a Inherited, name: &str) -> Doing<'a> {
        Doing {
            task,
            frame,
            around: frame,
            items: Map::new(),
            name: name.to_owned(),
            item: None,
            scope: self.view(frame, &Map::new()),
            settings: Settings::default(),
        }
    }

    /// A loop whose items cannot be worked out, which is no harm when the task does not apply anyway.
    pub fn without_items(
        &mut self,
        task: &Task,
        frame: &Inherited,
        name: &str,
        lack: Lack,
    ) -> TaskResult {
        let doing = self.whole(task, frame, name);
        let does_not_apply = match doing.scope.first_false(&frame.when) {
            Ok(Some(condition)) => Some(condition),
            _ => None,
        };
        match (does_not_apply, lack) {
            (Some(condition), _) => {
                self.decided(&doing, Verdict::Skipped(condition.clone()));
                TaskResult::skipped(condition)
            }
            (None, Lack::Unknown(address)) => {
                self.decided(&doing, Verdict::Unknown(address.clone()));
                self.perhaps_notifies(&doing);
                TaskResult::unknown(&address)
            }
            (None, Lack::Failed(failure)) => {
                let failed = TaskResult::failed(Map::new(), failure);
                match self.keeps_silent(frame, &doing.scope) {
                    true => hidden(failed),
                    false => failed,
                }
            }
        }
    }

    /// What a reader tells an item by; of a task that keeps silent, its number.
    fn label(
        &mut self,
        frame: &Inherited,
        repeat: &Loop,
        loop_vars: &Map,
        (index, item, secret): (usize, &Value, &Secrecy),
    ) -> String {
        let view = self.view(frame, loop_vars);
        let number = || format!("#{}", index + 1);
        if self.keeps_silent(frame, &view) {
            return number();
        }
        if let Some(label) = &repeat.label
            && let Some(label) = view.title(&label.value, &label.at)
        {
            return label;
        }
        match (secret, item) {
            (Secrecy::Secret, _) => number(),
            (_, Value::String(text)) => text.clone(),
            (secret, item) => secret.hide(item).to_string(),
        }
    }

    async fn pause(&mut self, frame: &Inherited, repeat: &Loop) {
        if self.supposes() {
            return;
        }
        let Some(pause) = &repeat.pause else { return };
        if let Ok(seconds) = self.view(frame, &Map::new()).number(pause) {
            self.wait(Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0)))
                .await;
        }
    }

    /// Waits, but not longer than until we are asked to end.
    pub async fn wait(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.walk.stop.cancelled() => {}
        }
    }

    pub fn register(&mut self, task: &Task, taken: &TaskResult) {
        let Some(name) = &task.register else { return };
        let result = taken.result.clone();
        let value = Value::Object(result);
        let secrecy = taken.secrecy.clone();
        match &taken.later {
            Some(later) => self.state.set_partly(name, value, later, secrecy),
            None => self.state.set(name, value, secrecy),
        }
    }

    /// Where the walk really acts, everything it depends on was applied: not to know is a failure.
    fn certain(&self, mut taken: TaskResult) -> TaskResult {
        if let Ended::Unknown(after) = &taken.ended
            && !self.supposes()
        {
            let what = format!("It is not known, although {after} was applied.");
            return TaskResult {
                made: taken.made,
                ..TaskResult::failed(std::mem::take(&mut taken.result), Failure::bug(what))
            };
        }
        taken
    }

    /// What a failure means: nothing where the task says `ignore_errors`, else the end of this list.
    async fn tolerate(&mut self, frame: &Inherited, stop: Stop) -> Result<(), Stop> {
        if self.ahead.is_some() {
            return Ok(());
        }
        let ignored = match &frame.ignore_errors {
            Some(ignore) => self.view(frame, &Map::new()).truth(ignore),
            None => Ok(false),
        };
        match ignored {
            Ok(true) if stop.tolerable() => self.tolerated(&stop).await,
            // Whether it is ignored is not known, so the walk of a plan goes on as if it were.
            Err(Lack::Unknown(_)) if self.supposes() => Ok(()),
            Err(Lack::Failed(failure)) => {
                let failure = in_task(failure, &stop.task, None);
                Err(Stop { failure, ..stop })
            }
            _ => Err(stop),
        }
    }

    /// Goes on after a failure. As in Ansible it has notified nobody.
    pub async fn tolerated(&mut self, stop: &Stop) -> Result<(), Stop> {
        self.tell(|address| Event::Tolerated {
            address: address.clone(),
            task: stop.task.clone(),
            failure: stop.failure.clone(),
        });
        let forgotten = self.forget_unneeded(stop.noted.clone()).await;
        forgotten.map_err(|failure| Stop {
            failure,
            ..stop.clone()
        })
    }

    pub fn stop(&self, task: &Task, name: &str, result: Map, failure: Failure) -> Stop {
        Stop {
            task: name.to_owned(),
            given: match task.common.name.is_empty() {
                true => String::new(),
                false => name.to_owned(),
            },
            result: Box::new(result),
            noted: Vec::new(),
            made: false,
            failure: in_task(failure, name, None).at(&task.common.at),
        }
    }
}
