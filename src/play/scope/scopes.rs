//! The scopes of a walk: what was lent to it, what the play says, and what was learnt so far.

use std::sync::Arc;

use crate::{
    model::{Map, Value, playbook::Task},
    play::{
        scope::{
            inherited::Inherited, magic, play_scope::PlayScope, state::State, task_scope::TaskScope,
        },
        walk::Walk,
    },
    vars::{Scope, SearchPath},
};

/// What the tasks of a walk see. A look ahead has a copy of its own.
#[derive(Clone)]
pub struct Scopes {
    /// What was lent to the walk.
    pub walk: Arc<Walk>,
    /// The play that is being walked.
    pub play: Arc<PlayScope>,
    /// What the walk knows so far.
    pub state: State,
    /// Whether nothing is really done.
    pub supposes: bool,
    /// Facts, play variables and what lies below them, and the facts they were made with.
    base: Option<(Arc<Map>, Scope)>,
}

impl Scopes {
    /// Nothing is known yet.
    pub fn new(walk: &Arc<Walk>) -> Self {
        Self {
            walk: walk.clone(),
            play: Arc::default(),
            state: State::default(),
            supposes: walk.executor.supposes(),
            base: None,
        }
    }

    /// A copy for a look ahead, which does nothing.
    pub fn ahead(&self) -> Self {
        Self {
            supposes: true,
            ..self.clone()
        }
    }
}

impl Scopes {
    /// What templates of a task with these loop variables see. Lowest first:
    ///
    /// what the environment lends, gathered facts, the play's `vars`, its `vars_files`, the vars of blocks and of the
    /// task, `include_vars`, what tasks set and registered, the vars given to an include, **the host's own vars**, and
    /// what the program itself knows. The host's vars are what the user says about this one host beside the playbook,
    /// so they beat everything in it, as Ansible's `--extra-vars` do.
    pub fn task_scope(&mut self, frame: &Inherited, items: &Map) -> TaskScope {
        let mut scope = self.base();
        for vars in &frame.vars {
            scope = scope.layer((**vars).clone());
        }
        if !self.state.included.is_empty() {
            scope = scope.layer(self.state.included.clone());
        }
        scope = scope
            .facts(self.state.known.clone())
            .secrets(self.state.secret.clone());
        if !self.state.unknown.is_empty() {
            scope = scope.later(self.state.unknown.clone());
        }
        for params in &frame.params {
            scope = scope.layer((**params).clone());
        }
        scope = scope.layer(self.walk.vars.clone());
        let mut own = magic::names(&self.walk, &self.play);
        own.extend(frame.items.clone());
        own.extend(items.clone());
        TaskScope {
            renderer: self.walk.renderer.clone().looking(self.search_path(frame)),
            scope: scope.facts(own).secrets(self.state.loops.clone()),
            made: Arc::default(),
            later: (self.supposes && (self.state.guessed || self.state.undecided > 0))
                .then(|| self.walk.address.clone()),
        }
    }

    fn base(&mut self) -> Scope {
        if let Some((facts, scope)) = &self.base
            && Arc::ptr_eq(facts, &self.state.facts)
        {
            return scope.clone();
        }
        let scope = self
            .walk
            .scope
            .facts(magic::facts(&self.walk, &self.state.facts))
            .layer(self.play.vars.clone())
            .layer(self.play.files.clone());
        self.base = Some((self.state.facts.clone(), scope.clone()));
        scope
    }

    /// Enters a play: these are its variables and handlers from now on.
    pub fn enter(&mut self, play: PlayScope) {
        self.play = Arc::new(play);
        self.base = None;
    }

    /// Where files are looked for that a task of this frame names.
    pub fn search_path(&self, frame: &Inherited) -> SearchPath {
        SearchPath::new(&self.walk.playbook.base, &frame.folder)
    }

    /// The name of a task that a reader sees: rendered where that is possible already.
    pub fn name(&mut self, task: &Task, frame: &Inherited) -> String {
        if task.common.name.is_empty() {
            return task.module.clone();
        }
        self.task_scope(frame, &Map::new())
            .title(&Value::String(task.common.name.clone()), &task.common.at)
            .unwrap_or_else(|| task.common.name.clone())
    }
}
