//! A playbook on one host, task by task, in Ansible's order and with its meaning.
//!
//! ```text
//!  Walk::run ─▶ play ─▶ steps ─▶ task ─▶ item ─┬▶ control/…   variables, conditions, includes
//!                         │                    └▶ module/…    realize ─▶ decide ─▶ act ─▶ judge
//!                         └▶ look_ahead: the same walk on a copy, so that questions travel together
//! ```
//!
//! The rooms, each of which names only those before it: `files` (where files lie), `foreseen` (what supposed changes
//! make of the host), `scope` (what a task sees), `result` (what becomes of it), `run` (the host under a playbook, as
//! its tasks see it), `module` and `control` (what tasks do), `check` (what can be said before), `steps` (the walk).
//!
//! A dry run is the same walk with another [`Executor`]. Where it goes beyond Ansible's check mode:
//!
//! - What a supposed command would print is not known, and neither is what depends on it: such a task is
//!   [`Verdict::Unknown`](crate::model::Verdict), not skipped and not guessed.
//! - A command with `check_mode: false` and a `changed_when` is run as a question, by a dry run as well. Without a
//!   `changed_when` it says that it changes something each time, and no plan runs it.
//! - `changed_when: false` counts as no change, so that a second plan is empty; that the command runs is said all the
//!   same.
//! - What a task with `check_mode: true` would change is registered and notifies, but is no change of the plan: it is
//!   never made.
//! - The host's own `vars` in an environment beat everything in the playbook, as `--extra-vars` do.

mod check;
mod control;
mod executor;
mod files;
mod foreseen;
mod module;
mod result;
mod run;
mod scope;
mod steps;
mod tags;
mod verdict;
mod walk;

pub use check::{DeclaredHost, Examined, check, examine, refusals};
pub use executor::{DryRun, Executor, Kept, Performed};
pub use files::glob::fits;
pub use files::library::Library;
pub use tags::Tags;
pub use verdict::TaskVerdict;
pub use walk::{Summary, Walk};
