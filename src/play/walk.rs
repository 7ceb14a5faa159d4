//! A whole playbook on one host.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::play::check::check::check;
use crate::play::executor::Executor;
use crate::play::files::library::Library;
use crate::play::files::task_files::TaskFiles;
use crate::play::result::flow::Flow;
use crate::play::result::flow::Lack;
use crate::play::result::flow::Stop;
use crate::play::result::recorder::TaskVerdict;
use crate::play::scope::state::State;
use crate::play::steps::ahead;
use crate::play::steps::memory::left_by_another;
use crate::play::steps::walker::PlayScope;
use crate::play::steps::walker::Walker;
use crate::play::tags::Tags;
use crate::{
    model::{
        Address, Events, Failure, Map, Origin, Probe, Query, Value, host::HostQuery,
        playbook::Playbook,
    },
    observe::Remembered,
    vars::{Renderer, Scope},
};

/// A playbook that is to be walked on one host, and everything it needs.
pub struct Walk {
    /// The host's address; its name is `inventory_hostname`.
    pub address: Address,
    /// What is walked.
    pub playbook: Arc<Playbook>,
    /// The host, seen as the user we are logged in as.
    pub world: Remembered,
    /// What the environment lends to templates; anything in the playbook beats it.
    pub scope: Scope,
    /// The host's own variables, which beat everything in the playbook.
    pub vars: Map,
    /// Renders the playbook's templates.
    pub renderer: Renderer,
    /// Reads the task files that it includes.
    pub library: Arc<dyn Library>,
    /// Where it is told what happens.
    pub events: Events,
    /// Ends the walk between two tasks.
    pub stop: CancellationToken,
    /// What becomes of a decided change.
    pub executor: Arc<dyn Executor>,
    /// Whether tasks run as root where they do not say otherwise.
    pub r#become: bool,
    /// The user we are logged in as.
    pub login_user: String,
    /// Which tasks are walked.
    pub tags: Tags,
    /// Names of variables whose values at the end are wanted.
    pub publish: Vec<String>,
}

/// What came of a walk.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// How many changes were made, or supposed.
    pub changes: usize,
    /// How many tasks could not be decided.
    pub unknown: usize,
    /// Every task that was reached, an item of a loop each.
    pub tasks: Vec<TaskVerdict>,
    /// The values of [`Walk::publish`] at the end; those that are undefined or not known yet are left out.
    pub published: Map,
}

impl Walk {
    /// Walks the playbook to its end.
    ///
    /// Refuses a playbook that [`check`] finds wrong before anything is asked. Fails where a task fails that nothing
    /// tolerates; the failure says what was done before and which handlers wait for the next run.
    pub async fn run(self) -> Result<Summary, Failure> {
        let wrong = check(&self.playbook, &self.library);
        if let Some(first) = refused(wrong) {
            return Err(first);
        }
        let files = TaskFiles::new(self.playbook.base.clone(), self.library.clone());
        let mut walker = Walker {
            world: self.world.clone(),
            files: Arc::new(files),
            stage: Arc::new(PlayScope::default()),
            state: State::default(),
            rest: Vec::new(),
            later: Vec::new(),
            verdicts: Vec::new(),
            flow: Flow::Go,
            ahead: None,
            looked: 0,
            entered: 0,
            reach: ahead::FAR,
            base: None,
            walk: Arc::new(self),
        };
        let walked = walker.plays().await;
        match walked.and_then(|()| walker.published()) {
            Ok(published) => Ok(walker.summary(published)),
            Err(stop) => Err(walker.left(stop)),
        }
    }
}

/// The first of some mistakes, telling of the others.
fn refused(wrong: Vec<Failure>) -> Option<Failure> {
    let mut wrong = wrong.into_iter();
    let first = wrong.next()?;
    let others: Vec<String> = wrong
        .map(|failure| match &failure.at {
            Some(at) => format!("{at}: {} {}", failure.what, failure.help),
            None => format!("{} {}", failure.what, failure.help),
        })
        .collect();
    Some(match others.is_empty() {
        true => first.left("Nothing was done."),
        false => first
            .why(format!("There is more:\n{}", others.join("\n")))
            .left("Nothing was done."),
    })
}

impl Walker {
    async fn plays(&mut self) -> Result<(), Stop> {
        let playbook = self.walk.playbook.clone();
        self.first_questions()
            .await
            .map_err(|failure| Stop::of("Gathering Facts", failure))?;
        for play in &playbook.plays {
            self.play(play).await?;
        }
        self.forget_left()
            .await
            .map_err(|failure| Stop::of("handlers", failure))
    }

    /// Asks for facts and for what an interrupted run left, together.
    async fn first_questions(&mut self) -> Result<(), Failure> {
        let gathers = self
            .walk
            .playbook
            .plays
            .iter()
            .any(|play| play.gather_facts);
        let playbook = self.walk.playbook.name.clone();
        let facts = async {
            match gathers {
                true => self
                    .world
                    .ask(&Query::Host(HostQuery::Facts))
                    .await
                    .map(drop),
                false => Ok(()),
            }
        };
        let ((), left) = futures::try_join!(facts, left_by_another(&self.world, playbook))?;
        let login = self.walk.login_user.clone();
        self.hear(&login, left);
        Ok(())
    }

    /// What others are told of the playbook's variables. Fails for one that is there and cannot be rendered.
    fn published(&mut self) -> Result<Map, Stop> {
        let view = self.view(
            &crate::play::scope::inherited::Inherited::default(),
            &Map::new(),
        );
        let last = self.walk.playbook.plays.last();
        let at = last.map_or_else(|| Origin::new("", 0, 0), |play| play.at.clone());
        let mut published = Map::new();
        for name in &self.walk.publish {
            if view.scope.get(name).is_none() {
                continue;
            }
            let text = Value::String(format!("{{{{ {name} }}}}"));
            match view.value(&text, &at) {
                Ok(value) => drop(published.insert(name.clone(), value)),
                Err(Lack::Unknown(_)) => {}
                Err(Lack::Failed(failure)) => {
                    return Err(Stop::of(format!("variable {name}"), failure));
                }
            }
        }
        Ok(published)
    }

    fn summary(self, published: Map) -> Summary {
        Summary {
            changes: self.state.changes,
            unknown: self.state.undecided,
            tasks: self.verdicts,
            published,
        }
    }

    /// The failure that ends the walk, with what it leaves behind.
    fn left(&self, stop: Stop) -> Failure {
        if self.walk.executor.supposes() {
            return stop.failure;
        }
        let mut left = vec![stop.failure.left.clone()];
        let own = usize::from(stop.made);
        left.push(match self.state.made.saturating_sub(own) {
            0 if stop.made => String::new(),
            0 => "Nothing was changed before it.".to_owned(),
            1 => "One change was made before it and stays.".to_owned(),
            many => format!("{many} changes were made before it and stay."),
        });
        if stop.made {
            left.push("What the task itself had done before it failed stays.".to_owned());
        }
        let handlers = self.waiting_handlers();
        if !handlers.is_empty() {
            left.push(format!(
                "Handlers that were notified run with the next run: {}.",
                handlers.join(", ")
            ));
        }
        left.retain(|sentence| !sentence.is_empty());
        let left = left.join(" ");
        stop.failure.left(left).made(self.state.made)
    }
}
