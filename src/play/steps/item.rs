//! One item of a task: does it apply, who runs it, and how often is it tried.

use std::time::Duration;

use crate::{
    model::{
        Failure, Map, Value, Verdict,
        playbook::{Task, Until},
    },
    play::{
        control::{
            direction::Direction,
            dispatch,
            module_names::{is_known, unknown_module},
        },
        result::{
            flow::{Flow, Stop, in_task},
            judge::said,
            task_result::{Ended, TaskResult},
        },
        scope::{
            inherited::Inherited, task_item::TaskItem, task_keywords::TaskKeywords,
            task_scope::TaskScope, unresolved::Unresolved,
        },
        steps::walker::Walker,
    },
    vars::Secrecy,
};

/// `retries` and `delay` of a task that has `until` without them, as in Ansible.
const RETRIES: f64 = 3.0;
const DELAY: f64 = 5.0;

impl Walker {
    /// Walks one item of a task; of a task without a loop, the task.
    pub async fn item(
        &mut self,
        task: &Task,
        [around, frame]: [&Inherited; 2],
        name: &str,
        items: Map,
        item: Option<String>,
    ) -> Result<TaskResult, Stop> {
        let task_scope = self.run.scopes.task_scope(frame, &items);
        let mut task_item = TaskItem {
            task,
            frame,
            around,
            items,
            name: name.to_owned(),
            item,
            scope: task_scope,
            keywords: TaskKeywords::default(),
            tries: None,
        };
        let silent = self.run.scopes.keeps_silent(frame, &task_item.scope);
        let mut taken = self.unless_skipped(&mut task_item).await?;
        if silent {
            taken = hidden(taken);
            taken.secrecy = hidden_result(&taken.result);
        } else {
            taken = without_secrets(taken, &task_item.scope);
        }
        if let Ended::Failed(failure) = taken.ended {
            let failure = match self.run.keep_printed(&task_item, failure).await {
                Ok(failure) => failure,
                Err(failure) => return Err(Stop::in_task(task, name, Map::new(), failure)),
            };
            taken.ended = Ended::Failed(in_task(failure, name, task_item.item.as_deref()));
        }
        Ok(taken)
    }

    /// Tries it, unless a condition keeps it from applying.
    async fn unless_skipped(&mut self, task_item: &mut TaskItem<'_>) -> Result<TaskResult, Stop> {
        match task_item.scope.first_false(&task_item.frame.when) {
            Ok(None) => {}
            Ok(Some(condition)) => {
                self.run
                    .decided(task_item, Verdict::Skipped(condition.clone()));
                return Ok(TaskResult::skipped(condition));
            }
            Err(unresolved) => return Ok(self.run.end_unresolved(task_item, unresolved)),
        }
        match self.run.scopes.keywords(task_item.frame, &task_item.scope) {
            Ok(keywords) => task_item.keywords = keywords,
            Err(unresolved) => return Ok(self.run.end_unresolved(task_item, unresolved)),
        }
        let mut taken = self.with_retries(task_item).await?;
        let made = taken.made || taken.changed() && matches!(taken.ended, Ended::Fine);
        if let Err(unresolved) = self.run.notify(task_item, &taken).await {
            taken = self.run.end_unresolved(task_item, unresolved);
            taken.made = made;
        }
        let supposed = self.run.supposes() || task_item.keywords.check_mode == Some(true);
        if made && !supposed && dispatch::find(&task_item.task.module).is_none() {
            self.run.scopes.state.made += 1;
        }
        if !made && matches!(taken.ended, Ended::Failed(_)) {
            self.run.retract(task_item);
        }
        Ok(taken)
    }

    /// Tries it until `until` holds, as often as `retries` says; once where there is no `until`.
    async fn with_retries(&mut self, task_item: &mut TaskItem<'_>) -> Result<TaskResult, Stop> {
        let mut tries = 1;
        let mut made = false;
        loop {
            // `changed_when` and `failed_when` may ask for the number.
            task_item.tries = task_item.task.until.is_some().then_some(tries);
            let mut taken = self.attempt(task_item, tries > 1).await?;
            made |= taken.made;
            taken.made = made;
            let Some(until) = &task_item.task.until else {
                return Ok(taken);
            };
            match self.retry_delay(task_item, until, &mut taken, tries) {
                Ok(Some(delay)) => {
                    self.run.recorder.say(format!(
                        "{}: not yet, trying again in {} s",
                        task_item.title(),
                        delay.as_secs_f64()
                    ));
                    self.run.wait(delay).await;
                    self.run.world.forget_all();
                    tries += 1;
                }
                Ok(None) => return Ok(taken),
                Err(unresolved) => {
                    return Ok(TaskResult {
                        made,
                        ..self.run.end_unresolved(task_item, unresolved)
                    });
                }
            }
        }
    }

    /// Tries it once; `retry` where it was tried before.
    async fn attempt(&mut self, task_item: &TaskItem<'_>, retry: bool) -> Result<TaskResult, Stop> {
        let module = &task_item.task.module;
        let taken = match dispatch::find(module) {
            Some(control) => match dispatch::run(&mut self.run, control, task_item).await {
                Ok(direction) => Ok(self.follow(task_item, direction).await?),
                Err(unresolved) => Err(unresolved),
            },
            None if is_known(module) => self.run.on_host(task_item, retry).await,
            None => Err(Unresolved::Failed(unknown_module(task_item.task, 0))),
        };
        Ok(match taken {
            Ok(taken) => taken,
            Err(unresolved) => self.run.end_unresolved(task_item, unresolved),
        })
    }

    /// Goes where a module without a host sends the walk.
    async fn follow(
        &mut self,
        task_item: &TaskItem<'_>,
        direction: Direction,
    ) -> Result<TaskResult, Stop> {
        match direction {
            Direction::Done(taken) => return Ok(taken),
            Direction::Walk(steps, frame) => {
                match self.steps(steps, frame).await? {
                    Flow::Go => {}
                    flow => self.flow = flow,
                }
                return Ok(TaskResult::fine(Map::new(), false));
            }
            Direction::Flush => self.flow = self.flush().await?,
            Direction::Leave(flow) => self.flow = flow,
        }
        self.run.decided(task_item, Verdict::Unchanged);
        Ok(TaskResult::fine(Map::new(), false))
    }

    /// How long to wait before it is tried again; none when it is not.
    fn retry_delay(
        &mut self,
        task_item: &TaskItem<'_>,
        until: &Until,
        taken: &mut TaskResult,
        tries: u64,
    ) -> Result<Option<Duration>, Unresolved> {
        if matches!(taken.ended, Ended::Unknown(_) | Ended::Skipped(_)) {
            return Ok(None);
        }
        let number = |written: &Option<_>, default| match written {
            Some(written) => task_item.scope.number(written),
            None => Ok(default),
        };
        let retries = number(&until.retries, RETRIES)?.clamp(0.0, 1e9) as u64;
        if retries == 0 {
            return Ok(None);
        }
        taken.result.insert("attempts".into(), tries.into());
        if self.run.supposes() {
            return Ok(None);
        }
        let task_scope = match &task_item.task.register {
            Some(name) => task_item
                .scope
                .with(name, Value::Object(taken.result.clone())),
            None => task_item.scope.clone(),
        };
        let holds = if until.conditions.is_empty() {
            !matches!(taken.ended, Ended::Failed(_))
        } else {
            task_scope.all(&until.conditions)?
        };
        if holds || self.run.interrupted().is_some() {
            return Ok(None);
        }
        if tries <= retries {
            let delay = number(&until.delay, DELAY)?.clamp(0.0, 86_400.0);
            return Ok(Some(Duration::from_secs_f64(delay)));
        }
        // Ansible counts the tries after the first one where none did.
        taken.result.insert("attempts".into(), retries.into());
        if !task_item.task.failed_when.is_empty() && !matches!(taken.ended, Ended::Failed(_)) {
            // As in ansible-core: what is registered failed, but `failed_when` alone says whether the task did.
            taken.result.insert("failed".into(), true.into());
        } else if !matches!(taken.ended, Ended::Failed(_)) {
            let failure = Failure::new(
                "a condition was never met",
                format!("`until` did not hold after {tries} tries."),
            );
            let failure = said(failure, &taken.result);
            *taken = TaskResult {
                made: taken.made,
                ..TaskResult::failed(std::mem::take(&mut taken.result), failure)
            };
        }
        Ok(None)
    }
}

/// What a result says that is no secret whoever made it: how it went, and where.
const OPEN: &[&str] = &[
    "attempts", "changed", "delta", "dest", "end", "failed", "gid", "group", "mode", "owner",
    "path", "rc", "size", "skipped", "start", "state", "uid",
];

/// What of a result is secret when the task was not to be told about.
fn hidden_result(result: &Map) -> Secrecy {
    let keys = result.keys().filter(|key| !OPEN.contains(&key.as_str()));
    Secrecy::of_parts(keys.map(|key| (key.clone(), Secrecy::Secret)))
}

/// The same with what of its result is secret, and a failure that shows nothing of it.
fn without_secrets(mut taken: TaskResult, task_scope: &TaskScope) -> TaskResult {
    let near = task_scope.redactor();
    if near.hides_all() {
        taken.secrecy = hidden_result(&taken.result);
        return hidden_because(taken, "a secret in it is too short to be looked for");
    }
    let known = task_scope.known();
    let found = taken.result.iter();
    let found = found.map(|(key, value)| (key.clone(), Secrecy::found(value, known, &near)));
    taken.secrecy = Secrecy::of_parts(found);
    if let Ended::Failed(failure) = taken.ended {
        taken.ended = Ended::Failed(near.failure(failure));
    }
    taken
}

/// A failure of a `no_log` task, without what was said.
pub fn hidden(taken: TaskResult) -> TaskResult {
    hidden_because(taken, "the task is marked no_log")
}

fn hidden_because(mut taken: TaskResult, why: &str) -> TaskResult {
    if let Ended::Failed(failure) = taken.ended {
        taken.ended = Ended::Failed(failure.hidden(why));
    }
    taken
}
