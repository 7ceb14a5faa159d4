//! A playbook that is to be walked on one host, and what came of it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::{
    model::{Address, Events, Login, Map, playbook::Playbook},
    observe::Remembered,
    play::{executor::Executor, files::library::Library, tags::Tags, verdict::TaskVerdict},
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
    /// How we are logged in: as whom, and where.
    pub login: Login,
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
