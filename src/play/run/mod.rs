//! A playbook under way on one host, as its tasks see it: what they may ask, what is known, and where it is told.

pub mod ahead;
pub mod cloud_init;
mod facts;
pub mod handler_notes;
mod notified;
mod perform;
mod printed;

use std::{sync::Arc, time::Duration};

use crate::{
    model::{Change, Failure, Verdict},
    observe::Remembered,
    play::{
        files::task_files::TaskFiles,
        result::{
            recorder::{Recorder, visible},
            task_result::{Ended, TaskResult},
        },
        scope::{scopes::Scopes, task_item::TaskItem},
        walk::Walk,
    },
};
use ahead::Ahead;

/// A playbook under way on one host.
pub struct Run {
    /// What is walked, and everything it needs.
    pub walk: Arc<Walk>,
    /// The host, seen as the user we are logged in as.
    pub world: Remembered,
    /// The files of tasks that it includes.
    pub files: Arc<TaskFiles>,
    /// What its tasks see.
    pub scopes: Scopes,
    /// Where it is told and kept what happens.
    pub recorder: Recorder,
    /// Set in a look ahead, which tells nobody and does nothing.
    pub ahead: Option<Ahead>,
    /// How far was looked ahead, and how far the next look goes.
    pub looked: usize,
    pub reach: usize,
}

impl Run {
    /// Nothing was done yet.
    pub fn new(walk: Walk) -> Self {
        let walk = Arc::new(walk);
        Self {
            world: walk.world.clone(),
            files: Arc::new(TaskFiles::new(
                walk.playbook.base.clone(),
                walk.library.clone(),
            )),
            scopes: Scopes::new(&walk),
            recorder: Recorder::new(&walk.events, &walk.address),
            ahead: None,
            looked: 0,
            reach: ahead::FAR,
            walk,
        }
    }

    /// A copy that does nothing and tells nobody, and looks at so many items.
    pub fn ahead(&self, most: usize) -> Self {
        Self {
            walk: self.walk.clone(),
            world: self.world.clone(),
            files: self.files.clone(),
            scopes: self.scopes.ahead(),
            recorder: self.recorder.silent(),
            ahead: Some(Ahead::over(most)),
            looked: 0,
            reach: 0,
        }
    }

    /// Whether a look ahead has gone far enough.
    pub fn far_enough(&self) -> bool {
        self.ahead
            .as_ref()
            .is_some_and(|ahead| ahead.walked >= ahead.most)
    }

    /// An action was performed: answers were forgotten, so the next look is due, and is short.
    pub fn acted(&mut self) {
        self.looked = 0;
        self.reach = ahead::NEAR;
        self.scopes.state.acted = true;
    }

    /// Whether nothing is really done.
    pub fn supposes(&self) -> bool {
        self.scopes.supposes
    }

    /// Counts, keeps and tells a verdict.
    pub fn decided(&mut self, task_item: &TaskItem<'_>, verdict: Verdict) {
        self.recorder
            .decided(&mut self.scopes.state, task_item, verdict);
    }

    /// Takes back that an item changes something: it failed before it changed anything.
    pub fn retract(&mut self, task_item: &TaskItem<'_>) {
        self.recorder.retract(&mut self.scopes.state, task_item);
    }

    /// Tells the verdict of an item whose result is there.
    pub fn told(
        &mut self,
        task_item: &TaskItem<'_>,
        taken: &TaskResult,
        change: &Change,
        retry: bool,
    ) {
        if retry || matches!(taken.ended, Ended::Failed(_)) {
            return;
        }
        let verdict = if taken.changed() {
            Verdict::Change(visible(task_item, change))
        } else {
            Verdict::Unchanged
        };
        self.decided(task_item, verdict);
    }

    /// The failure of having been asked to end, if we were.
    pub fn interrupted(&self) -> Option<Failure> {
        self.walk.stop.is_cancelled().then(|| {
            Failure::interrupted("The playbook was ended on request between two tasks.")
                .help("Run it again: what is done already is left alone.")
        })
    }

    /// Waits, but not longer than until we are asked to end.
    pub async fn wait(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.walk.stop.cancelled() => {}
        }
    }
}
