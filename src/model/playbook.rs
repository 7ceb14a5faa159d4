//! A playbook as it was written, in Ansible's own words. Texts may hold `{{ … }}`.

mod loop_lookup;
mod variable_name;

use std::{path::PathBuf, sync::Arc};

use super::{Located, Map, Origin, Value};

pub use loop_lookup::LoopLookup;
pub use variable_name::is_variable_name;

/// A playbook file.
#[derive(Debug, Clone, PartialEq)]
pub struct Playbook {
    /// The name a user calls it by: `docker-host`.
    pub name: String,
    /// The folder its relative paths start from (`templates/`, `files/`, `vars/`).
    pub base: Base,
    /// Its plays, in order.
    pub plays: Vec<Play>,
}

/// Where the files beside a playbook come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// A folder on this machine.
    Folder(PathBuf),
    /// The files that come with the program.
    Shipped,
}

/// A play: tasks for some hosts.
#[derive(Debug, Clone, PartialEq)]
pub struct Play {
    /// Its name; the hosts pattern when it has none.
    pub name: String,
    /// The pattern of hosts it is for. An environment's host is prepared by all plays.
    pub hosts: String,
    /// Whether facts are gathered first (the default).
    pub gather_facts: bool,
    /// Its variables.
    pub vars: Map,
    /// Files of variables, relative to the playbook.
    pub vars_files: Vec<Located<Value>>,
    /// Who its tasks run as.
    pub r#become: Become,
    /// Environment variables of its tasks.
    pub environment: Option<Located<Value>>,
    /// `pre_tasks`, `tasks` and `post_tasks`; handlers are flushed after each section.
    pub sections: Vec<Vec<Step>>,
    /// Its handlers.
    pub handlers: Vec<Step>,
    /// Whether all was read that may hold handlers: roles are not, nor is what is misspelt.
    pub handlers_read: bool,
    /// Its tags.
    pub tags: Vec<String>,
    /// Where it was written.
    pub at: Origin,
}

/// Who a task runs as. Absent parts are inherited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Become {
    /// `become`, a boolean or a template.
    pub on: Option<Located<Value>>,
    /// `become_user`; root when `become` is on and this is absent.
    pub user: Option<Located<Value>>,
}

/// A task or a block of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// One task.
    Task(Arc<Task>),
    /// `block` with its `rescue` and `always`.
    Block(Arc<Block>),
}

/// What tasks and blocks have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Common {
    /// `name`, with templates; empty when there is none.
    pub name: String,
    /// `when`: all must hold.
    pub when: Vec<Located<Value>>,
    /// `vars` of this step alone.
    pub vars: Map,
    /// `tags`.
    pub tags: Vec<String>,
    /// `become` and `become_user`.
    pub r#become: Become,
    /// `environment`.
    pub environment: Option<Located<Value>>,
    /// `ignore_errors`, a boolean or a template.
    pub ignore_errors: Option<Located<Value>>,
    /// `no_log`, a boolean or a template.
    pub no_log: Option<Located<Value>>,
    /// `check_mode`, a boolean or a template.
    pub check_mode: Option<Located<Value>>,
    /// `delegate_to`.
    pub delegate_to: Option<Located<Value>>,
    /// `run_once`.
    pub run_once: Option<Located<Value>>,
    /// Where it was written.
    pub at: Origin,
}

/// A task: one module with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// What blocks have as well.
    pub common: Common,
    /// The module's short name (`apt`), its collection taken off; written in full in `collection` when it had one.
    pub module: String,
    /// The collection it was written with, for example `ansible.builtin`.
    pub collection: Option<String>,
    /// Its arguments; free-form text (`command: ls`) stands under `_raw_params`.
    pub args: Map,
    /// Where the module's arguments stand.
    pub args_at: Origin,
    /// `loop` or `with_*`.
    pub r#loop: Option<Loop>,
    /// `register`.
    pub register: Option<String>,
    /// `notify`.
    pub notify: Vec<Located<Value>>,
    /// `listen`, for handlers.
    pub listen: Vec<String>,
    /// `changed_when`: all must hold.
    pub changed_when: Vec<Located<Value>>,
    /// `failed_when`: it failed when all hold.
    pub failed_when: Vec<Located<Value>>,
    /// `until`, with `retries` and `delay`.
    pub until: Option<Until>,
}

/// A group of steps with what to do when one fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// What tasks have as well; inherited by the steps.
    pub common: Common,
    /// `notify`, of the tasks that do not say it themselves.
    pub notify: Vec<Located<Value>>,
    /// `block`.
    pub steps: Vec<Step>,
    /// `rescue`.
    pub rescue: Vec<Step>,
    /// `always`.
    pub always: Vec<Step>,
}

/// A loop over items.
#[derive(Debug, Clone, PartialEq)]
pub struct Loop {
    /// `loop` for `loop`, else what stands behind `with_`, for example `items`: a name of [`LoopLookup::NAMED`], unless it
    /// is misspelt.
    pub lookup: String,
    /// The items, or a template that yields them.
    pub items: Located<Value>,
    /// `loop_control.loop_var`; `item` by default.
    pub variable: String,
    /// `loop_control.index_var`.
    pub index: Option<String>,
    /// `loop_control.label`.
    pub label: Option<Located<Value>>,
    /// `loop_control.pause`, in seconds.
    pub pause: Option<Located<Value>>,
}

/// Trying again until a condition holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Until {
    /// All must hold.
    pub conditions: Vec<Located<Value>>,
    /// How often at the most; Ansible's default is 3.
    pub retries: Option<Located<Value>>,
    /// Seconds between; Ansible's default is 5.
    pub delay: Option<Located<Value>>,
}
