//! One task: its name, its loop, what it registers, and what its failure means.

use std::{sync::Arc, time::Duration};

use crate::{
    model::{
        Event, Failure, Map, Value, Verdict,
        playbook::{Loop, Task},
    },
    play::{
        result::{
            flow::{Flow, Stop, in_task, tolerable},
            task_result::{Ended, TaskResult, loop_result},
        },
        scope::{
            inherited::Inherited, state::State, task_item::TaskItem, task_keywords::TaskKeywords,
            unresolved::Unresolved,
        },
        steps::{item::hidden, walker::Walker},
    },
    vars::Secrecy,
};

impl Walker {
    /// Walks one task.
    pub async fn task(&mut self, task: &Arc<Task>, around: &Inherited) -> Result<Flow, Stop> {
        let frame = around.under(&task.common);
        if !self.run.walk.tags.let_run(&frame.tags) {
            return Ok(Flow::Go);
        }
        let name = self.run.scopes.name(task, &frame);
        if let Some(failure) = self.run.interrupted() {
            return Err(Stop::in_task(task, &name, Map::new(), failure));
        }
        let taken = match &task.r#loop {
            None => {
                self.item(task, [around, &frame], &name, Map::new(), None)
                    .await?
            }
            Some(repeat) => {
                self.loop_over(task, [around, &frame], &name, repeat)
                    .await?
            }
        };
        let taken = self.must_be_known(taken);
        register(&mut self.run.scopes.state, task, &taken);
        let noted = std::mem::take(&mut self.run.scopes.state.doubtful);
        match taken.ended {
            Ended::Failed(failure) => {
                self.run.scopes.state.failed = taken.secrecy;
                let stop = Stop {
                    noted,
                    made: taken.made,
                    ..Stop::in_task(task, &name, taken.result, failure)
                };
                self.tolerate(&frame, stop).await?;
            }
            _ => self
                .run
                .forget_unneeded(noted)
                .await
                .map_err(|failure| Stop::in_task(task, &name, Map::new(), failure))?,
        }
        Ok(std::mem::replace(&mut self.flow, Flow::Go))
    }

    /// Walks a task once for each item of its loop.
    async fn loop_over(
        &mut self,
        task: &Arc<Task>,
        [around, frame]: [&Inherited; 2],
        name: &str,
        repeat: &Loop,
    ) -> Result<TaskResult, Stop> {
        let (items, secrecy) = match self.run.scopes.items(frame, repeat) {
            Ok(items) => items,
            Err(unresolved) => return Ok(self.unresolved_items(task, frame, name, unresolved)),
        };
        if items.is_empty() {
            return Ok(self.no_items(task, frame, name));
        }
        let (variable, index_variable) = match self.names(frame, repeat) {
            Ok(names) => names,
            Err(unresolved) => return Ok(self.unresolved_items(task, frame, name, unresolved)),
        };
        // A look ahead that never ends is no help to the first task.
        let most = if self.run.ahead.is_some() {
            100
        } else {
            usize::MAX
        };
        let mut taken = Vec::new();
        let outer = self.run.scopes.state.loops.get(&repeat.variable).cloned();
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
            let loops = &mut self.run.scopes.state.loops;
            loops.insert(repeat.variable.clone(), secret.clone());
            let label = self.label(frame, repeat, &loop_vars, (index, &item, &secret));
            let mut one = self
                .item(task, [around, frame], name, loop_vars.clone(), Some(label))
                .await?;
            one.result.extend(loop_vars);
            one.secrecy = one.secrecy.with(&repeat.variable, secret);
            let over = matches!(&one.ended, Ended::Failed(failure) if !tolerable(failure));
            taken.push(one);
            if over || self.flow != Flow::Go || self.run.far_enough() {
                break;
            }
            if let Some(failure) = self.run.interrupted() {
                return Err(Stop::in_task(task, name, Map::new(), failure));
            }
        }
        self.run
            .scopes
            .state
            .loops
            .insert(repeat.variable.clone(), outer.unwrap_or_default());
        Ok(loop_result(taken))
    }

    /// The names of the loop's variables, which may be written as templates.
    fn names(
        &mut self,
        frame: &Inherited,
        repeat: &Loop,
    ) -> Result<(String, Option<String>), Unresolved> {
        let task_scope = self.run.scopes.task_scope(frame, &Map::new());
        let at = &repeat.items.at;
        let name = |written: &String| task_scope.text(&Value::String(written.clone()), at);
        let index = repeat.index.as_ref().map(name).transpose()?;
        Ok((name(&repeat.variable)?, index))
    }

    /// What a loop over an empty list registers: it is skipped.
    fn no_items(&mut self, task: &Task, frame: &Inherited, name: &str) -> TaskResult {
        let why = "No items in the list";
        let task_item = self.whole_loop(task, frame, name);
        self.run.decided(&task_item, Verdict::Skipped(why.into()));
        loop_result(Vec::new())
    }

    /// A loop as one thing, before its items are there.
    pub fn whole_loop<'a>(
        &mut self,
        task: &'a Task,
        frame: &'a Inherited,
        name: &str,
    ) -> TaskItem<'a> {
        TaskItem {
            task,
            frame,
            around: frame,
            items: Map::new(),
            name: name.to_owned(),
            item: None,
            scope: self.run.scopes.task_scope(frame, &Map::new()),
            keywords: TaskKeywords::default(),
            tries: None,
        }
    }

    /// A loop whose items cannot be worked out, which is no harm when the task does not apply anyway.
    pub fn unresolved_items(
        &mut self,
        task: &Task,
        frame: &Inherited,
        name: &str,
        unresolved: Unresolved,
    ) -> TaskResult {
        let task_item = self.whole_loop(task, frame, name);
        let does_not_apply = match task_item.scope.first_false(&frame.when) {
            Ok(Some(condition)) => Some(condition),
            _ => None,
        };
        match (does_not_apply, unresolved) {
            (Some(condition), _) => {
                self.run
                    .decided(&task_item, Verdict::Skipped(condition.clone()));
                TaskResult::skipped(condition)
            }
            (None, Unresolved::Unknown(address)) => {
                self.run
                    .decided(&task_item, Verdict::Unknown(address.clone()));
                self.run.perhaps_notifies(&task_item);
                TaskResult::unknown(&address)
            }
            (None, Unresolved::Failed(failure)) => {
                let failed = TaskResult::failed(Map::new(), failure);
                if self.run.scopes.keeps_silent(frame, &task_item.scope) {
                    hidden(failed)
                } else {
                    failed
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
        let task_scope = self.run.scopes.task_scope(frame, loop_vars);
        let number = || format!("#{}", index + 1);
        if self.run.scopes.keeps_silent(frame, &task_scope) {
            return number();
        }
        if let Some(label) = &repeat.label
            && let Some(label) = task_scope.title(&label.value, &label.at)
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
        if self.run.supposes() {
            return;
        }
        let Some(pause) = &repeat.pause else { return };
        if let Ok(seconds) = self.run.scopes.task_scope(frame, &Map::new()).number(pause) {
            self.run
                .wait(Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0)))
                .await;
        }
    }

    /// Where the walk really acts, everything it depends on was applied: not to know is a failure.
    fn must_be_known(&self, mut taken: TaskResult) -> TaskResult {
        if let Ended::Unknown(after) = &taken.ended
            && !self.run.supposes()
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
        if self.run.ahead.is_some() {
            return Ok(());
        }
        let ignored = match &frame.ignore_errors {
            Some(ignore) => self.run.scopes.task_scope(frame, &Map::new()).truth(ignore),
            None => Ok(false),
        };
        match ignored {
            Ok(true) if stop.tolerable() => self.go_on_after(&stop).await,
            // Whether it is ignored is not known, so the walk of a plan goes on as if it were.
            Err(Unresolved::Unknown(_)) if self.run.supposes() => Ok(()),
            Err(Unresolved::Failed(failure)) => {
                let failure = in_task(failure, &stop.task, None);
                Err(Stop { failure, ..stop })
            }
            _ => Err(stop),
        }
    }

    /// Goes on after a failure. As in Ansible it has notified nobody.
    pub async fn go_on_after(&mut self, stop: &Stop) -> Result<(), Stop> {
        self.run.recorder.tell(|address| Event::Tolerated {
            address: address.clone(),
            task: stop.task.clone(),
            failure: stop.failure.clone(),
        });
        let forgotten = self.run.forget_unneeded(stop.noted.clone()).await;
        forgotten.map_err(|failure| Stop {
            failure,
            ..stop.clone()
        })
    }
}

/// What a task registers, as a variable.
pub fn register(state: &mut State, task: &Task, taken: &TaskResult) {
    let Some(name) = &task.register else { return };
    let value = Value::Object(taken.result.clone());
    let secrecy = taken.secrecy.clone();
    match &taken.later {
        Some(later) => state.set_partly(name, value, later, secrecy),
        None => state.set(name, value, secrecy),
    }
}
