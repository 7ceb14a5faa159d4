//! How no handler is lost: the host itself remembers who was notified, from just before the change that notifies until
//! the handler ran. A run that is cut in between leaves that memory behind, and the next run flushes it.
//!
//! What root changes is noted in root's memory, which everybody may read; what any other user changes, in that of the
//! user we are logged in as, since a user that a task becomes may have no home. So it is found again by whomever the
//! next run logs in as: its own memory and root's are read at once, and root sees those of all who may become root. What
//! nobody can find is what a login user keeps from another one who never becomes root: only that user and root may look
//! into the memory, and one that others write into would let anybody make root run a handler.

use futures::FutureExt;

use crate::{
    answer,
    model::{
        Action, Answer, Change, Effect, Failure, Probe, Query,
        host::{HostAnswer, HostQuery, Noted},
        host_action::HostAction,
        playbook::{Playbook, Step},
    },
    observe::Remembered,
    play::{
        executor::Performed,
        run::Run,
        scope::{task_item::TaskItem, task_keywords::ROOT, unresolved::Unresolved},
    },
};

impl Run {
    /// Takes note of what this user found. What lies in a memory that was known before, or is of this run, is left out.
    pub fn add_leftover_handlers(&mut self, user: &str, found: Vec<Noted>) {
        let may_become = user == ROOT || becomes(&self.walk.playbook, self.walk.r#become);
        for noted in found {
            let own = self.scopes.state.noted.get(&noted.handler);
            let own = own.is_some_and(|users| users.contains(&noted.user));
            // What this playbook cannot have done as root is somebody else's to repair.
            let foreign = noted.user == ROOT && !may_become;
            if !own && !foreign && !self.scopes.state.known_memories.contains(&noted.user) {
                self.scopes.state.leftover_handlers.push(noted);
            }
        }
        self.scopes.state.known_memories.insert(user.to_owned());
        let users = self
            .scopes
            .state
            .leftover_handlers
            .iter()
            .map(|noted| noted.user.clone());
        self.scopes.state.known_memories.extend(users);
    }

    /// Asks as root when a task becomes root for the first time. Nobody else whom a task becomes is asked: they keep no
    /// notes of ours, and what they wrote down by themselves would make others do something.
    pub async fn ask_leftover_handlers_as(
        &mut self,
        user: &str,
        world: &Remembered,
    ) -> Result<(), Unresolved> {
        if user != ROOT || self.scopes.state.asked_memories.contains(user) {
            return Ok(());
        }
        let asked = world.clone();
        let playbook = self.walk.playbook.name.clone();
        let question = async move { ask_leftover_handlers(&asked, playbook).await }.boxed();
        let found = match &mut self.ahead {
            None => question.await?,
            Some(ahead) => match ahead.now(question) {
                Some(found) => found?,
                None => return Ok(()),
            },
        };
        self.scopes.state.asked_memories.insert(user.to_owned());
        self.add_leftover_handlers(user, found);
        self.resume();
        Ok(())
    }

    /// Takes over what an interrupted run left: handlers that were notified and did not run.
    pub fn resume(&mut self) {
        let left = std::mem::take(&mut self.scopes.state.leftover_handlers);
        for noted in left {
            let found = self.scopes.play.answering(&noted.handler);
            if found.is_empty() {
                self.scopes.state.leftover_handlers.push(noted);
                continue;
            }
            self.recorder.say(format!(
                "The handler \"{}\" was notified by a run that was cut: it runs with this one.",
                noted.handler
            ));
            self.scopes.state.pending.extend(found);
            let users = self.scopes.state.noted.entry(noted.handler).or_default();
            users.insert(noted.user);
        }
    }

    /// Lets the host forget what no handler answered to.
    pub async fn forget_leftover_handlers(&mut self) -> Result<(), Failure> {
        let mut names = Vec::new();
        for noted in std::mem::take(&mut self.scopes.state.leftover_handlers) {
            self.recorder.say(format!(
                "A run that was cut notified \"{}\", but the playbook has no such handler any more: forgotten.",
                noted.handler
            ));
            names.push(noted.handler.clone());
            let users = self.scopes.state.noted.entry(noted.handler).or_default();
            users.insert(noted.user);
        }
        self.forget_noted(names).await
    }

    /// In whose memory is noted what a task notifies.
    fn keeper(&self, task_item: &TaskItem<'_>) -> &str {
        match task_item.keywords.user.as_deref() {
            Some(ROOT) => ROOT,
            _ => &self.walk.login.user,
        }
    }

    /// Whether it is that of the user the task runs as, so that noting and changing go together.
    pub fn keeps_notes(&self, task_item: &TaskItem<'_>) -> bool {
        let user = task_item.keywords.user.as_deref();
        user.unwrap_or(&self.walk.login.user) == self.keeper(task_item)
    }

    /// The host as this user of it sees it.
    fn seen_by(&self, user: &str) -> Remembered {
        if user == self.walk.login.user {
            self.world.clone()
        } else {
            self.world.seen_by(user)
        }
    }

    /// What notes a handler down.
    pub fn note(&self, handler: &str) -> Action {
        Action::Host(HostAction::Notify {
            playbook: self.walk.playbook.name.clone(),
            handler: handler.to_owned(),
        })
    }

    /// Lets the host remember handlers, apart from a change.
    pub async fn note_on_host(
        &mut self,
        task_item: &TaskItem<'_>,
        names: &[String],
    ) -> Result<(), Unresolved> {
        let mut change = Change::new(Effect::Update);
        change.actions = names.iter().map(|name| self.note(name)).collect();
        if !change.is_none() {
            let world = self.seen_by(self.keeper(task_item));
            self.hand_on_quietly(task_item, &world, &change, &change)
                .await?;
        }
        Ok(())
    }

    /// The host remembers these handlers now; whether they are needed shows when the task has ended.
    pub fn remember(&mut self, task_item: &TaskItem<'_>, names: &[String]) {
        let keeper = self.keeper(task_item).to_owned();
        for name in names {
            let users = self.scopes.state.noted.entry(name.clone()).or_default();
            users.insert(keeper.clone());
        }
        self.scopes.state.doubtful.extend(names.iter().cloned());
    }

    /// Lets the host forget handlers, except those that will run at the next flush.
    pub async fn forget_unneeded(&mut self, mut names: Vec<String>) -> Result<(), Failure> {
        names.retain(|key| {
            let needed = |index: &usize| self.scopes.play.handlers[*index].key() == key;
            !self.scopes.state.pending.iter().any(needed)
        });
        self.forget_noted(names).await
    }

    /// Lets the host forget handlers that ran, or that nobody needs any more, in every memory that holds them.
    pub async fn forget_noted(&mut self, mut names: Vec<String>) -> Result<(), Failure> {
        names.sort();
        names.dedup();
        if self.supposes() {
            return Ok(());
        }
        let holds = |user: &str, name: &String| {
            let users = self.scopes.state.noted.get(name);
            users.is_some_and(|users| users.contains(user))
        };
        let mut users: Vec<String> = names
            .iter()
            .filter_map(|name| self.scopes.state.noted.get(name))
            .flatten()
            .cloned()
            .collect();
        users.sort();
        users.dedup();
        let by_user: Vec<(String, Vec<String>)> = users
            .into_iter()
            .map(|user| {
                let held = names.iter().filter(|name| holds(&user, name)).cloned();
                let held = held.collect();
                (user, held)
            })
            .collect();
        for (user, names) in by_user {
            self.forget_as(&user, &names).await?;
        }
        Ok(())
    }

    async fn forget_as(&mut self, user: &str, names: &[String]) -> Result<(), Failure> {
        let mut change = Change::new(Effect::Update);
        for handler in names {
            change = change.action(Action::Host(HostAction::Notified {
                playbook: self.walk.playbook.name.clone(),
                handler: handler.clone(),
            }));
        }
        let walk = self.walk.clone();
        let progress = walk.events.progress(&walk.address);
        let performed = walk
            .executor
            .perform(
                &self.seen_by(user),
                &walk.address,
                "handlers that ran",
                &change,
                &change,
                &progress,
            )
            .await?;
        if matches!(performed, Performed::Done(_)) {
            for name in names {
                if let Some(users) = self.scopes.state.noted.get_mut(name) {
                    users.remove(user);
                }
            }
            self.scopes.state.noted.retain(|_, users| !users.is_empty());
        }
        Ok(())
    }
}

/// What a run of this playbook that was cut left, as one user of the host sees it.
pub async fn ask_leftover_handlers(
    world: &Remembered,
    playbook: String,
) -> Result<Vec<Noted>, Failure> {
    Ok(answer!(
        world,
        Query::Host(HostQuery::Notified { playbook: playbook.clone() }),
        Answer::Host(HostAnswer::Notified(noted)) => noted
    ))
}

/// Whether any task of a playbook may run as another user than the one we are logged in as.
fn becomes(playbook: &Playbook, by_default: bool) -> bool {
    // What stands in files beside it is not looked into: it may.
    fn of(steps: &[Step]) -> bool {
        steps.iter().any(|step| match step {
            Step::Task(task) => {
                task.common.r#become.on.is_some()
                    || task.module.starts_with("include")
                    || task.module.starts_with("import")
            }
            Step::Block(block) => {
                block.common.r#become.on.is_some()
                    || [&block.steps, &block.rescue, &block.always]
                        .into_iter()
                        .any(|steps| of(steps))
            }
        })
    }
    by_default
        || playbook.plays.iter().any(|play| {
            play.r#become.on.is_some()
                || play
                    .sections
                    .iter()
                    .chain([&play.handlers])
                    .any(|steps| of(steps))
        })
}
