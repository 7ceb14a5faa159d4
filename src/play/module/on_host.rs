//! A module that speaks to the host: observe, decide, hand on, and judge what came of it.

use futures::FutureExt;

use crate::{
    model::{
        Action, Answer, Change, Decision, Failure, Goal, Outcome, Probe, Query, Verdict,
        host::{HostAnswer, HostQuery},
        host_action::HostAction,
    },
    observe::Remembered,
    play::{
        module::recording_probe::{Recording, RecordingProbe},
        result::{
            flow::tolerable,
            judge::{claim, finished, judge, object},
            task_result::TaskResult,
        },
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
    resource::Decide,
};

/// Modules that only look: what they register is all they are for.
const LOOKS: &[&str] = &["ping", "slurp", "stat"];

impl Run {
    /// Walks one item of a task whose module speaks to the host.
    pub async fn on_host(
        &mut self,
        task_item: &TaskItem<'_>,
        retry: bool,
    ) -> Result<TaskResult, Unresolved> {
        self.looked = self.looked.saturating_sub(1);
        let args = self.arguments(task_item)?;
        let world = match &task_item.keywords.user {
            Some(user) => self.world.seen_by(user),
            None => self.world.clone(),
        };
        let Some(task_user) = self.task_user(task_item, &args, &world).await? else {
            return Ok(self.not_yet());
        };
        let module = self.realize(task_item, &args, task_user)?;
        if let Some(user) = &task_item.keywords.user {
            self.ask_leftover_handlers_as(user, &world).await?;
        }
        let Some((decision, recording)) = self.decide(module, world.clone()).await? else {
            return Ok(self.not_yet());
        };
        if recording.unforeseen && !LOOKS.contains(&task_item.task.module.as_str()) {
            return Err(Unresolved::Unknown(self.walk.address.clone()));
        }
        let mut change = decision.change;
        let holds = |way: &Query| !self.scopes.state.foreseen.alters(std::slice::from_ref(way));
        // A run that acts leaves it to the action, which says more.
        if self.supposes()
            && let Some(refusal) = recording.refusal(&change, holds)
        {
            return Err(Unresolved::Failed(refusal));
        }
        let brought = self.may_be_brought(task_item, &recording, &change);
        if change.is_none() {
            if LOOKS.contains(&task_item.task.module.as_str())
                && self.scopes.state.foreseen.alters(&recording.asked)
            {
                self.decided(task_item, Verdict::Unchanged);
                return Ok(self.not_yet());
            }
            if brought.is_some() {
                return Err(Unresolved::Unknown(self.walk.address.clone()));
            }
            let result = object(change.result);
            let taken = judge(task_item, TaskResult::fine(result, false))?;
            self.told(task_item, &taken, &Change::none(), retry);
            return Ok(taken);
        }
        change.notes.extend(brought);
        // What a task that has `changed_when` really is can be said before it ran only if that does not ask the result.
        let claimed = claim(task_item, &change, &self.walk.address)?;
        if self.only_looks(task_item, &change) {
            if !self.scopes.state.foreseen.is_empty() {
                self.decided(task_item, Verdict::Unknown(self.walk.address.clone()));
                return Ok(self.not_yet());
            }
            let Some(outcomes) = self.look(&world, &change).await? else {
                return Ok(self.not_yet());
            };
            let taken = judge(task_item, finished(&change, &outcomes))?;
            self.told(task_item, &taken, &change, retry);
            return Ok(taken);
        }
        self.act(task_item, &world, change, claimed, retry).await
    }

    /// What is made of a question whose answer is not there yet: in a look ahead that does not wait for it, or in a
    /// plan after a supposed change that would alter it.
    pub fn not_yet(&self) -> TaskResult {
        TaskResult::unknown(&self.walk.address)
    }

    /// Observes and decides. None in a look ahead that has to wait for an answer.
    ///
    /// After a supposed change the host may lack what the change would have brought, so that a failure means nothing.
    async fn decide(
        &mut self,
        module: Box<dyn Decide>,
        world: Remembered,
    ) -> Result<Option<(Decision, Recording)>, Unresolved> {
        let foreseen = self.scopes.state.foreseen.clone();
        let question = async move {
            let probe = RecordingProbe::new(world, foreseen);
            let decision = module.decide(&probe, Goal::Present).await?;
            Ok((decision, probe.recording()))
        }
        .boxed();
        let decision = match &mut self.ahead {
            None => question.await,
            Some(ahead) => {
                ahead.walked += 1;
                match ahead.now(question) {
                    Some(decision) => decision,
                    None => return Ok(None),
                }
            }
        };
        match decision {
            Ok(decision) => Ok(Some(decision)),
            Err(failure) if !self.scopes.state.foreseen.is_empty() && tolerable(&failure) => {
                Err(Unresolved::Unknown(self.walk.address.clone()))
            }
            Err(failure) => Err(Unresolved::Failed(failure)),
        }
    }

    /// Whether a command is run as a question: the task says that it runs in check mode too and when it counts as a
    /// change. One without `changed_when` says that it changes something each time, and is never run by a plan.
    fn only_looks(&self, task_item: &TaskItem<'_>, change: &Change) -> bool {
        task_item.keywords.check_mode == Some(false)
            && !task_item.task.changed_when.is_empty()
            && change
                .actions
                .iter()
                .all(|action| matches!(action, Action::Host(HostAction::Run { .. })))
    }

    async fn look(
        &mut self,
        world: &Remembered,
        change: &Change,
    ) -> Result<Option<Vec<Outcome>>, Failure> {
        let mut outcomes = Vec::new();
        for action in &change.actions {
            let Action::Host(HostAction::Run { command, .. }) = action else {
                continue;
            };
            let query = Query::Host(HostQuery::Run(command.clone()));
            let forgotten = query.clone();
            let asked = world.clone();
            let question = async move {
                let answer = asked.ask(&query).await?;
                match answer {
                    Answer::Host(HostAnswer::Ran(ran)) => Ok(ran),
                    other => Err(other.mismatch(&query)),
                }
            }
            .boxed();
            let ran = match &mut self.ahead {
                None => {
                    let ran = question.await?;
                    // Another task that says the same runs it anew: it may be a number drawn by lot.
                    world.forget(&forgotten);
                    ran
                }
                Some(ahead) => match ahead.now(question) {
                    Some(ran) => ran?,
                    None => return Ok(None),
                },
            };
            outcomes.push(Outcome::Ran(ran));
        }
        Ok(Some(outcomes))
    }
}
